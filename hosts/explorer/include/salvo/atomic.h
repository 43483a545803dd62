/* SPDX-License-Identifier: MIT */
/*
 * atomic.h: the explorer's door to shared memory: each access is a step, before which every other
 * CPU and the hardware may do something. See cpu.c.
 */
#ifndef SALVO_ATOMIC_H
#define SALVO_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

struct salvo_word {
	uintptr_t value;
};

uintptr_t explored_load(const struct salvo_word *word, const char *file, int line);
void explored_store(struct salvo_word *word, uintptr_t value, const char *file, int line);
uintptr_t explored_add(struct salvo_word *word, uintptr_t amount, const char *file, int line);
uintptr_t explored_or(struct salvo_word *word, uintptr_t bits, const char *file, int line);
uintptr_t explored_and(struct salvo_word *word, uintptr_t bits, const char *file, int line);
uintptr_t explored_exchange(struct salvo_word *word, uintptr_t value, const char *file, int line);
bool explored_compare_exchange(
	struct salvo_word *word, uintptr_t *expected, uintptr_t value, const char *file, int line);
void explored_fence(const char *file, int line);

/* Loads are in order under both memory models here, and stores among themselves: acquire and
 * release are what an access is anyway, and their fences are nothing. */
#define salvo_atomic_load(word)                 explored_load(word, __FILE__, __LINE__)
#define salvo_atomic_load_acquire(word)         explored_load(word, __FILE__, __LINE__)
#define salvo_atomic_store(word, value)         explored_store(word, value, __FILE__, __LINE__)
#define salvo_atomic_store_release(word, value) explored_store(word, value, __FILE__, __LINE__)
#define salvo_atomic_add(word, amount)          explored_add(word, amount, __FILE__, __LINE__)
#define salvo_atomic_or(word, bits)             explored_or(word, bits, __FILE__, __LINE__)
#define salvo_atomic_and(word, bits)            explored_and(word, bits, __FILE__, __LINE__)
#define salvo_atomic_exchange(word, value)      explored_exchange(word, value, __FILE__, __LINE__)
#define salvo_atomic_compare_exchange(word, expected, value)                                       \
	explored_compare_exchange(word, expected, value, __FILE__, __LINE__)
#define salvo_atomic_fence()              explored_fence(__FILE__, __LINE__)
#define salvo_atomic_fence_after_update() salvo_atomic_fence()
#define salvo_atomic_fence_acquire()      ((void)0)
#define salvo_atomic_fence_release()      ((void)0)

#endif
