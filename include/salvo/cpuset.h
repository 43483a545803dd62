/* SPDX-License-Identifier: MIT */
/*
 * cpuset.h: sets of CPU numbers. Walking one costs its words, not its CPUs.
 */
#ifndef SALVO_CPUSET_H
#define SALVO_CPUSET_H

#include <stdbool.h>
#include <stdint.h>

#include <salvo/atomic.h>
#include <salvo/config.h>

#define SALVO_CPUSET_WORDS ((SALVO_MAX_CPUS + SALVO_WORD_BITS - 1) / SALVO_WORD_BITS)

/* A set that one CPU alone reads and writes. CPU n is bit n % SALVO_WORD_BITS of its word. */
struct salvo_cpuset {
	uintptr_t bits[SALVO_CPUSET_WORDS];
};

/* A set that CPUs join and leave by themselves while others read it. */
struct salvo_shared_cpuset {
	struct salvo_word bits[SALVO_CPUSET_WORDS];
};

static inline uintptr_t
salvo_cpuset_bit(unsigned cpu)
{
	return (uintptr_t)1 << (cpu % SALVO_WORD_BITS);
}

static inline void
salvo_cpuset_clear(struct salvo_cpuset *set)
{
	for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
		set->bits[i] = 0;
}

static inline void
salvo_cpuset_add(struct salvo_cpuset *set, unsigned cpu)
{
	set->bits[cpu / SALVO_WORD_BITS] |= salvo_cpuset_bit(cpu);
}

static inline void
salvo_cpuset_remove(struct salvo_cpuset *set, unsigned cpu)
{
	set->bits[cpu / SALVO_WORD_BITS] &= ~salvo_cpuset_bit(cpu);
}

static inline bool
salvo_cpuset_has(const struct salvo_cpuset *set, unsigned cpu)
{
	return (set->bits[cpu / SALVO_WORD_BITS] & salvo_cpuset_bit(cpu)) != 0;
}

static inline bool
salvo_cpuset_empty(const struct salvo_cpuset *set)
{
	uintptr_t any = 0;

	for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
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
	unsigned i = from / SALVO_WORD_BITS;
	uintptr_t word;

	if (from >= SALVO_MAX_CPUS)
		return SALVO_MAX_CPUS;
	word = set->bits[i] & (~(uintptr_t)0 << (from % SALVO_WORD_BITS));
	while (word == 0) {
		if (++i == SALVO_CPUSET_WORDS)
			return SALVO_MAX_CPUS;
		word = set->bits[i];
	}
	return i * SALVO_WORD_BITS + salvo_lowest_bit(word);
}

#ifndef __cplusplus
/* Acquire: what a CPU wrote before it joined is seen by who sees it in the set. */
static inline uintptr_t
salvo_shared_cpuset_word(const struct salvo_shared_cpuset *set, unsigned i)
{
	return salvo_atomic_load_acquire(&set->bits[i]);
}

static inline bool
salvo_shared_cpuset_has(const struct salvo_shared_cpuset *set, unsigned cpu)
{
	return (salvo_shared_cpuset_word(set, cpu / SALVO_WORD_BITS) & salvo_cpuset_bit(cpu)) != 0;
}

static inline void
salvo_shared_cpuset_join(struct salvo_shared_cpuset *set, unsigned cpu)
{
	salvo_atomic_or(&set->bits[cpu / SALVO_WORD_BITS], salvo_cpuset_bit(cpu));
}

static inline void
salvo_shared_cpuset_leave(struct salvo_shared_cpuset *set, unsigned cpu)
{
	salvo_atomic_and(&set->bits[cpu / SALVO_WORD_BITS], ~salvo_cpuset_bit(cpu));
}

/* salvo_shared_cpuset_copy: adds to `into` every CPU seen in `set`, word by word. */
static inline void
salvo_shared_cpuset_copy(struct salvo_cpuset *into, const struct salvo_shared_cpuset *set)
{
	for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
		into->bits[i] |= salvo_shared_cpuset_word(set, i);
}

/* salvo_shared_cpuset_next: as salvo_cpuset_next; who joins or leaves meanwhile may be seen. */
static inline unsigned
salvo_shared_cpuset_next(const struct salvo_shared_cpuset *set, unsigned from)
{
	uintptr_t from_here = ~(uintptr_t)0 << (from % SALVO_WORD_BITS);

	for (unsigned i = from / SALVO_WORD_BITS; i < SALVO_CPUSET_WORDS; i++) {
		uintptr_t word = salvo_shared_cpuset_word(set, i) & from_here;

		if (word != 0)
			return i * SALVO_WORD_BITS + salvo_lowest_bit(word);
		from_here = ~(uintptr_t)0;
	}
	return SALVO_MAX_CPUS;
}
#endif

#endif
