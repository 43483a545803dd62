/* SPDX-License-Identifier: MIT */
/*
 * cpuset.h: sets of CPU numbers. Walking one costs its words in use, not the CPUs that there may
 * be: a kernel built for 4096 CPUs that runs on 16 pays for 16.
 */
#ifndef SALVO_CPUSET_H
#define SALVO_CPUSET_H

#include <stdbool.h>
#include <stdint.h>

#include <salvo/atomic.h>
#include <salvo/config.h>

#define SALVO_CPUSET_WORDS ((SALVO_MAX_CPUS + SALVO_CPUSET_BITS - 1) / SALVO_CPUSET_BITS)

/*
 * A set that one CPU alone reads and writes. CPU n is bit n % SALVO_CPUSET_BITS of its word; the
 * first `words` ones are in use, and the others hold nothing.
 */
struct salvo_cpuset {
	uintptr_t words;
	uintptr_t bits[SALVO_CPUSET_WORDS];
};

/* A set that CPUs join and leave by themselves while others read it. `words` never falls. */
struct salvo_shared_cpuset {
	struct salvo_word words;
	struct salvo_word bits[SALVO_CPUSET_WORDS];
};

static inline uintptr_t
salvo_cpuset_bit(unsigned cpu)
{
	return (uintptr_t)1 << (cpu % SALVO_CPUSET_BITS);
}

/* salvo_cpuset_index: the CPU's word. */
static inline unsigned
salvo_cpuset_index(unsigned cpu)
{
	return SALVO_CPUSET_WORDS == 1 ? 0 : cpu / SALVO_CPUSET_BITS;
}

/* salvo_cpuset_words: those in use; a constant where one word has room for all CPUs. */
static inline unsigned
salvo_cpuset_words(const struct salvo_cpuset *set)
{
	return SALVO_CPUSET_WORDS == 1 ? 1 : (unsigned)set->words;
}

/* salvo_cpuset_grow: have so many words in use, or more. */
static inline void
salvo_cpuset_grow(struct salvo_cpuset *set, unsigned words)
{
	while (salvo_cpuset_words(set) < words)
		set->bits[set->words++] = 0;
}

static inline void
salvo_cpuset_clear(struct salvo_cpuset *set)
{
	set->words = 1;
	set->bits[0] = 0;
}

static inline void
salvo_cpuset_add(struct salvo_cpuset *set, unsigned cpu)
{
	unsigned i = salvo_cpuset_index(cpu);

	salvo_cpuset_grow(set, i + 1);
	set->bits[i] |= salvo_cpuset_bit(cpu);
}

static inline bool
salvo_cpuset_has(const struct salvo_cpuset *set, unsigned cpu)
{
	unsigned i = salvo_cpuset_index(cpu);

	return i < salvo_cpuset_words(set) && (set->bits[i] & salvo_cpuset_bit(cpu)) != 0;
}

static inline void
salvo_cpuset_remove(struct salvo_cpuset *set, unsigned cpu)
{
	unsigned i = salvo_cpuset_index(cpu);

	if (i < salvo_cpuset_words(set))
		set->bits[i] &= ~salvo_cpuset_bit(cpu);
}

static inline bool
salvo_cpuset_empty(const struct salvo_cpuset *set)
{
	uintptr_t any = 0;

	for (unsigned i = 0; i < salvo_cpuset_words(set); i++)
		any |= set->bits[i];
	return any == 0;
}

/*
 * salvo_lowest_bit: the number of a word's lowest bit that is set. Plain C where a CPU may have no
 * instruction for it: there the compiler's builtin calls its library. => word is not 0
 */
static inline unsigned
salvo_lowest_bit(uintptr_t word)
{
#if defined(__x86_64__) || defined(__i386__) || defined(__aarch64__)
	return (unsigned)__builtin_ctzl(word);
#else
	unsigned bit = 0;

	for (unsigned half = SALVO_WORD_BITS / 2; half > 0; half /= 2) {
		if ((word & (((uintptr_t)1 << half) - 1)) == 0) {
			word >>= half;
			bit += half;
		}
	}
	return bit;
#endif
}

/*
 * salvo_cpuset_next: the first CPU of the set at or after `from`, or SALVO_MAX_CPUS.
 *    for (c = salvo_cpuset_next(set, 0); c < SALVO_MAX_CPUS; c = salvo_cpuset_next(set, c + 1))
 */
static inline unsigned
salvo_cpuset_next(const struct salvo_cpuset *set, unsigned from)
{
	uintptr_t from_here = ~(uintptr_t)0 << (from % SALVO_CPUSET_BITS);

	for (unsigned i = from / SALVO_CPUSET_BITS; i < salvo_cpuset_words(set); i++) {
		uintptr_t word = set->bits[i] & from_here;

		if (word != 0)
			return i * SALVO_CPUSET_BITS + salvo_lowest_bit(word);
		from_here = ~(uintptr_t)0;
	}
	return SALVO_MAX_CPUS;
}

#ifndef __cplusplus
/*
 * salvo_shared_cpuset_words: those in use. It is ordered as a CPU's bit is (A): an initiator reads it
 * after its full fence; if that is before the joining CPU raised it, or found it raised, the
 * initiator's changes are seen after that CPU's own fence, which follows the join.
 */
static inline unsigned
salvo_shared_cpuset_words(const struct salvo_shared_cpuset *set)
{
	return SALVO_CPUSET_WORDS == 1 ? 1 : (unsigned)salvo_atomic_load(&set->words);
}

/* Acquire: what a CPU wrote before it joined is seen by who sees it in the set. */
static inline uintptr_t
salvo_shared_cpuset_word(const struct salvo_shared_cpuset *set, unsigned i)
{
	return salvo_atomic_load_acquire(&set->bits[i]);
}

static inline bool
salvo_shared_cpuset_has(const struct salvo_shared_cpuset *set, unsigned cpu)
{
	return (salvo_shared_cpuset_word(set, salvo_cpuset_index(cpu)) & salvo_cpuset_bit(cpu)) !=
	       0;
}

/* salvo_shared_cpuset_init: to nobody. => nobody else knows it yet */
static inline void
salvo_shared_cpuset_init(struct salvo_shared_cpuset *set)
{
	salvo_atomic_store(&set->words, 0);
	for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
		salvo_atomic_store(&set->bits[i], 0);
}

/*
 * salvo_shared_cpuset_join: the bit comes first, so that its line, which mostly is that of `words`
 * too, moves here once. => a full fence follows before the CPU relies on being seen in the set
 */
static inline void
salvo_shared_cpuset_join(struct salvo_shared_cpuset *set, unsigned cpu)
{
	unsigned i = salvo_cpuset_index(cpu);
	uintptr_t words;

	salvo_atomic_or(&set->bits[i], salvo_cpuset_bit(cpu));
	words = salvo_shared_cpuset_words(set);
	while (words <= i && !salvo_atomic_compare_exchange(&set->words, &words, i + 1))
		;
}

static inline void
salvo_shared_cpuset_leave(struct salvo_shared_cpuset *set, unsigned cpu)
{
	salvo_atomic_and(&set->bits[salvo_cpuset_index(cpu)], ~salvo_cpuset_bit(cpu));
}

/* salvo_shared_cpuset_copy: adds to `into` every CPU seen in `set`, word by word. */
static inline void
salvo_shared_cpuset_copy(struct salvo_cpuset *into, const struct salvo_shared_cpuset *set)
{
	unsigned words = salvo_shared_cpuset_words(set);

	salvo_cpuset_grow(into, words);
	for (unsigned i = 0; i < words; i++)
		into->bits[i] |= salvo_shared_cpuset_word(set, i);
}

/* salvo_shared_cpuset_next: as salvo_cpuset_next; who joins or leaves meanwhile may be seen. */
static inline unsigned
salvo_shared_cpuset_next(const struct salvo_shared_cpuset *set, unsigned from)
{
	uintptr_t from_here = ~(uintptr_t)0 << (from % SALVO_CPUSET_BITS);
	unsigned words = salvo_shared_cpuset_words(set);

	for (unsigned i = from / SALVO_CPUSET_BITS; i < words; i++) {
		uintptr_t word = salvo_shared_cpuset_word(set, i) & from_here;

		if (word != 0)
			return i * SALVO_CPUSET_BITS + salvo_lowest_bit(word);
		from_here = ~(uintptr_t)0;
	}
	return SALVO_MAX_CPUS;
}
#endif

#endif
