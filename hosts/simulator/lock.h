/* SPDX-License-Identifier: MIT */
/*
 * lock.h: locks of the simulated kernel: queued, first come first served, each waiter on a line of
 * its own, as Linux's are. Waiters take interrupts if they have them on; so one that may be held
 * across a flush is taken with interrupts on, and one that handlers take with interrupts off.
 */
#ifndef SIMULATOR_LOCK_H
#define SIMULATOR_LOCK_H

#include <stdint.h>

#include <salvo/atomic.h>

struct lock {
	struct salvo_word held;
	uint32_t first, last; /* CPUs that wait, and one more; 0: none */
};

/* What a lock is for: waits are told by it. */
enum lock_kind { LOCK_TABLE, LOCK_ZONE, LOCK_LRU, LOCK_TREE, LOCK_KINDS };

/* lock_waits: how long CPUs have waited for locks of each kind. */
extern uint64_t lock_waits[LOCK_KINDS];
extern const char *const lock_names[LOCK_KINDS];

void lock_take(struct lock *lock, enum lock_kind kind);
void lock_drop(struct lock *lock);

/* lock_take_irq, lock_drop_irq: the same with interrupts off; what the one returns the other takes. */
uintptr_t lock_take_irq(struct lock *lock, enum lock_kind kind);
void lock_drop_irq(struct lock *lock, uintptr_t irqs);

#endif
