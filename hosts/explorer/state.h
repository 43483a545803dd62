/* SPDX-License-Identifier: MIT */
/*
 * state.h: states as numbers, and one transition from one to another.
 *
 * A key has a number for shared memory, and then one for each CPU. What a transition of a CPU does
 * is decided by its own number and that of shared memory, and it changes no other: so a transition
 * that was made once is looked up the next time, whatever the other CPUs are doing (a cache; it may
 * forget).
 */
#ifndef EXPLORER_STATE_H
#define EXPLORER_STATE_H

#include "explorer.h"
#include "store.h"

/* What a CPU's piece says without being restored. */
struct local {
	uint8_t operation;
	uint8_t choices;
	uint8_t held;
	bool irqs_off;
	uint16_t place; /* events.c */
	uint16_t base;  /* the place that a handler has interrupted; 0: it is in none */
	uint16_t word;  /* that it will touch; NO_WORD: none */
	uint16_t held_words[BUFFER_MAX];
};

/* What a transition leads to, and what it touched beside the word that the CPU named. */
struct transition {
	piece shared;
	piece local;
	uint16_t touched;   /* a word that hardware wrote, or NO_WORD */
	uint8_t tlbs;       /* a bit a CPU: what oracles look at of it */
	uint8_t interrupts; /* a bit a CPU: raised, taken or lost */
	bool changed;       /* the word that the CPU named has another value now */
	bool own;           /* it changed what its own handler may look at without a word */
	bool host;          /* what oracles look at, or CPUs without a word, and no CPU owns */
	bool impossible;    /* the choice is not there */
};

enum { NO_WORD = 0xffff, WORDS_MAX = 2048 };

/* Two bits of CPU, two of command, four of choice. */
static inline uint8_t
via_of(unsigned cpu, enum command command, unsigned choice)
{
	return (uint8_t)(cpu | (unsigned)command << 2 | choice << 4);
}

static inline unsigned
via_cpu(uint8_t via)
{
	return via & 3;
}

static inline enum command
via_command(uint8_t via)
{
	return (enum command)(via >> 2 & 3);
}

void state_open(const struct program *program, piece *key);
void state_close(void);
size_t state_bytes(void);
const struct local *state_local(piece local);

/* What a word holds; whether the hardware walks it, or it is a page; whether an interrupt waits. */
uintptr_t state_word(piece shared, uint16_t word);
bool state_is_walked(uint16_t word);
bool state_host_writes(uint16_t word); /* without naming it */
bool state_interrupted(piece shared, unsigned cpu);

bool state_can(const piece *key, uint8_t via);
unsigned state_possible(const piece *key, uint8_t *list);
bool state_is_end(const piece *key);
void state_restore(const piece *key);

/* state_take: false: it broke an oracle, and nothing can be taken any more. */
bool state_take(const piece *key, uint8_t via, struct transition *transition);

#endif
