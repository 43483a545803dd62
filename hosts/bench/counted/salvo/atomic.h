/* SPDX-License-Identifier: MIT */
/*
 * atomic.h: the library's door to shared memory, with a counter of writes: stores, and updates
 * whether they change anything or not, since both take the line away from other CPUs. Put before
 * include/ on the path of the counting build.
 */
#ifndef BENCH_ATOMIC_H
#define BENCH_ATOMIC_H

#define salvo_atomic_store            plain_store
#define salvo_atomic_store_release    plain_store_release
#define salvo_atomic_add              plain_add
#define salvo_atomic_or               plain_or
#define salvo_atomic_and              plain_and
#define salvo_atomic_exchange         plain_exchange
#define salvo_atomic_compare_exchange plain_compare_exchange

#include "../../../../include/salvo/atomic.h"

#undef salvo_atomic_store
#undef salvo_atomic_store_release
#undef salvo_atomic_add
#undef salvo_atomic_or
#undef salvo_atomic_and
#undef salvo_atomic_exchange
#undef salvo_atomic_compare_exchange

extern unsigned long bench_writes;

static inline void
salvo_atomic_store(struct salvo_word *word, uintptr_t value)
{
	bench_writes++;
	plain_store(word, value);
}

static inline void
salvo_atomic_store_release(struct salvo_word *word, uintptr_t value)
{
	bench_writes++;
	plain_store_release(word, value);
}

static inline uintptr_t
salvo_atomic_add(struct salvo_word *word, uintptr_t amount)
{
	bench_writes++;
	return plain_add(word, amount);
}

static inline uintptr_t
salvo_atomic_or(struct salvo_word *word, uintptr_t bits)
{
	bench_writes++;
	return plain_or(word, bits);
}

static inline uintptr_t
salvo_atomic_and(struct salvo_word *word, uintptr_t bits)
{
	bench_writes++;
	return plain_and(word, bits);
}

static inline uintptr_t
salvo_atomic_exchange(struct salvo_word *word, uintptr_t value)
{
	bench_writes++;
	return plain_exchange(word, value);
}

static inline bool
salvo_atomic_compare_exchange(struct salvo_word *word, uintptr_t *expected, uintptr_t value)
{
	bench_writes++;
	return plain_compare_exchange(word, expected, value);
}

#endif
