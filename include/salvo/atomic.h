/* SPDX-License-Identifier: MIT */
/*
 * atomic.h: the only door to memory that several CPUs share. The explorer and the simulator put a
 * header of the same name before this one on the include path; nothing else is replaced for them.
 *
 * An acquire load that reads what a release store wrote sees all that came before that store.
 * Full fences are used for one thing alone: a store that must be visible before a later load.
 */
#ifndef SALVO_ATOMIC_H
#define SALVO_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

/* One shared machine word. C++ sees the same layout and never touches the value. */
#ifdef __cplusplus
struct salvo_word {
	uintptr_t value;
};
#else
#include <stdatomic.h>

struct salvo_word {
	_Atomic uintptr_t value;
};

_Static_assert(sizeof(struct salvo_word) == sizeof(uintptr_t), "an atomic word must be a word");
_Static_assert(ATOMIC_POINTER_LOCK_FREE == 2, "salvo needs lock-free machine words");

static inline uintptr_t
salvo_atomic_load(const struct salvo_word *word)
{
	return atomic_load_explicit(&word->value, memory_order_relaxed);
}

static inline uintptr_t
salvo_atomic_load_acquire(const struct salvo_word *word)
{
	return atomic_load_explicit(&word->value, memory_order_acquire);
}

static inline void
salvo_atomic_store(struct salvo_word *word, uintptr_t value)
{
	atomic_store_explicit(&word->value, value, memory_order_relaxed);
}

static inline void
salvo_atomic_store_release(struct salvo_word *word, uintptr_t value)
{
	atomic_store_explicit(&word->value, value, memory_order_release);
}

/* The read-modify-writes are acquire and release, and return the value before. */

static inline uintptr_t
salvo_atomic_add(struct salvo_word *word, uintptr_t amount)
{
	return atomic_fetch_add_explicit(&word->value, amount, memory_order_acq_rel);
}

static inline uintptr_t
salvo_atomic_or(struct salvo_word *word, uintptr_t bits)
{
	return atomic_fetch_or_explicit(&word->value, bits, memory_order_acq_rel);
}

static inline uintptr_t
salvo_atomic_and(struct salvo_word *word, uintptr_t bits)
{
	return atomic_fetch_and_explicit(&word->value, bits, memory_order_acq_rel);
}

static inline uintptr_t
salvo_atomic_exchange(struct salvo_word *word, uintptr_t value)
{
	return atomic_exchange_explicit(&word->value, value, memory_order_acq_rel);
}

/* True if `*expected` was there and `value` took its place, else `*expected` is what was there. */
static inline bool
salvo_atomic_compare_exchange(struct salvo_word *word, uintptr_t *expected, uintptr_t value)
{
	return atomic_compare_exchange_strong_explicit(
		&word->value, expected, value, memory_order_acq_rel, memory_order_acquire);
}

/* Orders every access before it against every access after it, a store before a load included. */
static inline void
salvo_atomic_fence(void)
{
	atomic_thread_fence(memory_order_seq_cst);
}

/* The same, right after an update by this CPU: which x86 orders by itself. */
static inline void
salvo_atomic_fence_after_update(void)
{
#if defined(__x86_64__) || defined(__i386__)
	atomic_signal_fence(memory_order_seq_cst);
#else
	atomic_thread_fence(memory_order_seq_cst);
#endif
}

/* Earlier loads before later accesses, and earlier accesses before later stores, in this order. */
static inline void
salvo_atomic_fence_acquire(void)
{
	atomic_thread_fence(memory_order_acquire);
}

static inline void
salvo_atomic_fence_release(void)
{
	atomic_thread_fence(memory_order_release);
}
#endif

#endif
