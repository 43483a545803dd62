/* SPDX-License-Identifier: MIT */
/*
 * atomic.h: the library's door to shared memory, with a bell: unit_step is called before each
 * access, and may let another CPU run. Put before include/ on the path of the library's files only.
 */
#ifndef UNIT_ATOMIC_H
#define UNIT_ATOMIC_H

#define salvo_atomic_load             plain_load
#define salvo_atomic_load_acquire     plain_load_acquire
#define salvo_atomic_store            plain_store
#define salvo_atomic_store_release    plain_store_release
#define salvo_atomic_add              plain_add
#define salvo_atomic_or               plain_or
#define salvo_atomic_and              plain_and
#define salvo_atomic_exchange         plain_exchange
#define salvo_atomic_compare_exchange plain_compare_exchange

#include "../../../../include/salvo/atomic.h"

#undef salvo_atomic_load
#undef salvo_atomic_load_acquire
#undef salvo_atomic_store
#undef salvo_atomic_store_release
#undef salvo_atomic_add
#undef salvo_atomic_or
#undef salvo_atomic_and
#undef salvo_atomic_exchange
#undef salvo_atomic_compare_exchange

void unit_step(const struct salvo_word *word);

static inline uintptr_t
salvo_atomic_load(const struct salvo_word *word)
{
	unit_step(word);
	return plain_load(word);
}

static inline uintptr_t
salvo_atomic_load_acquire(const struct salvo_word *word)
{
	unit_step(word);
	return plain_load_acquire(word);
}

static inline void
salvo_atomic_store(struct salvo_word *word, uintptr_t value)
{
	unit_step(word);
	plain_store(word, value);
}

static inline void
salvo_atomic_store_release(struct salvo_word *word, uintptr_t value)
{
	unit_step(word);
	plain_store_release(word, value);
}

static inline uintptr_t
salvo_atomic_add(struct salvo_word *word, uintptr_t amount)
{
	unit_step(word);
	return plain_add(word, amount);
}

static inline uintptr_t
salvo_atomic_or(struct salvo_word *word, uintptr_t bits)
{
	unit_step(word);
	return plain_or(word, bits);
}

static inline uintptr_t
salvo_atomic_and(struct salvo_word *word, uintptr_t bits)
{
	unit_step(word);
	return plain_and(word, bits);
}

static inline uintptr_t
salvo_atomic_exchange(struct salvo_word *word, uintptr_t value)
{
	unit_step(word);
	return plain_exchange(word, value);
}

static inline bool
salvo_atomic_compare_exchange(struct salvo_word *word, uintptr_t *expected, uintptr_t value)
{
	unit_step(word);
	return plain_compare_exchange(word, expected, value);
}

#endif
