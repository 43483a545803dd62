/* SPDX-License-Identifier: MIT */
/*
 * atomic.h: the simulator's door to shared memory: each access costs what moving its cache line
 * costs, and happens in the order of simulated time. See lines.c.
 */
#ifndef SALVO_ATOMIC_H
#define SALVO_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

struct salvo_word {
	uintptr_t value;
};

uintptr_t lines_load(const struct salvo_word *word);
void lines_store(struct salvo_word *word, uintptr_t value);
uintptr_t lines_add(struct salvo_word *word, uintptr_t amount);
uintptr_t lines_or(struct salvo_word *word, uintptr_t bits);
uintptr_t lines_and(struct salvo_word *word, uintptr_t bits);
uintptr_t lines_exchange(struct salvo_word *word, uintptr_t value);
bool lines_compare_exchange(struct salvo_word *word, uintptr_t *expected, uintptr_t value);
void lines_fence(void);

/* One CPU runs at a time, and what it did is seen at once: every access is ordered. */
#define salvo_atomic_load(word)                 lines_load(word)
#define salvo_atomic_load_acquire(word)         lines_load(word)
#define salvo_atomic_store(word, value)         lines_store(word, value)
#define salvo_atomic_store_release(word, value) lines_store(word, value)
#define salvo_atomic_add(word, amount)          lines_add(word, amount)
#define salvo_atomic_or(word, bits)             lines_or(word, bits)
#define salvo_atomic_and(word, bits)            lines_and(word, bits)
#define salvo_atomic_exchange(word, value)      lines_exchange(word, value)
#define salvo_atomic_compare_exchange(word, expected, value)                                       \
	lines_compare_exchange(word, expected, value)
#define salvo_atomic_fence()              lines_fence()
#define salvo_atomic_fence_after_update() ((void)0)
#define salvo_atomic_fence_acquire()      ((void)0)
#define salvo_atomic_fence_release()      ((void)0)

#endif
