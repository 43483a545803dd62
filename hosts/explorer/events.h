/* SPDX-License-Identifier: MIT */
/* events.h: what CPUs have done so far. See events.c. */
#ifndef EXPLORER_EVENTS_H
#define EXPLORER_EVENTS_H

#include "state.h"

/* Words are numbered as they are met, after those that stand for no memory. */
enum {
	TLB_WORD = 1, /* one a CPU: its TLB, and whether it may touch user memory */
	INTERRUPT_WORD = TLB_WORD + CPUS_MAX,  /* one a CPU: an interrupt that waits */
	HOST_WORD = INTERRUPT_WORD + CPUS_MAX, /* what oracles see, and no CPU owns */
	WORDS = 128,
	ALL_OTHERS = WORDS - 1, /* words that have no other number */
};

struct words {
	uint64_t bits[WORDS / 64];
};

struct touched {
	struct words reads, writes;
};

static inline void
add_word(struct words *words, unsigned number)
{
	words->bits[number / 64] |= (uint64_t)1 << number % 64;
}

static inline bool
has_word(const struct words *words, unsigned number)
{
	return (words->bits[number / 64] >> number % 64 & 1) != 0;
}

static inline void
add_touched(struct touched *to, const struct touched *from)
{
	for (unsigned i = 0; i < WORDS / 64; i++) {
		to->reads.bits[i] |= from->reads.bits[i];
		to->writes.bits[i] |= from->writes.bits[i];
	}
}

/* depend: one of them writes what the other touches. */
static inline bool
depend(const struct touched *a, const struct touched *b)
{
	uint64_t both = 0;

	for (unsigned i = 0; i < WORDS / 64; i++)
		both |= (a->writes.bits[i] & (b->reads.bits[i] | b->writes.bits[i])) |
			(a->reads.bits[i] & b->writes.bits[i]);
	return both != 0;
}

enum { PLACES_MAX = 1 << 12, EVENTS_MAX = 1 << 16 };

struct event {
	uint16_t from, to; /* from: 0: an interrupt is taken. to: the same: it is not followed */
	uint8_t cpu;
	uint8_t word;      /* that it found `value` in; 0: whatever it finds */
	uint8_t condition; /* word and value by number, of those of its CPU: ahead.c */
	uintptr_t value;
	struct touched touched;
};

void events_open(void);

/* events_place: where a CPU stands. */
uint16_t events_place(const struct cpu *cpu);

/* events_is_request: who adds to the word makes a request. */
bool events_is_request(const struct salvo_word *word);

/* events_word: the word that has the number. */
uint16_t events_word(unsigned number);

/* events_add_store: a word that a store is on its way to. */
void events_add_store(struct words *words, uint16_t word);

/* events_beside: what a transition touches beside the word that it names. events_touched: all. */
struct touched events_beside(const struct transition *transition);
struct touched events_touched(const piece *key, uint8_t via, const struct transition *transition);

/* events_learn: the transition was made, for the first time or again. */
void events_learn(const piece *key, uint8_t via, const struct transition *transition);

/* events_interruptible: the place is one where a CPU may be interrupted. */
bool events_interruptible(uint16_t place);

/* events_all: those known by now. events_learned: there are more since. */
const struct event *events_all(unsigned *count);
bool events_learned(void);

#endif
