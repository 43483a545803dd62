// SPDX-License-Identifier: MIT
#include "clock.h"
#include "cpu.h"
#include "lines.h"
#include "lock.h"
#include "machine.h"

uint64_t lock_waits[LOCK_KINDS];
const char *const lock_names[LOCK_KINDS] = {
	[LOCK_TABLE] = "page table",
	[LOCK_ZONE] = "free list",
	[LOCK_LRU] = "LRU list",
	[LOCK_TREE] = "page cache",
};

static uint32_t next_waiter[CLOCK_CPUS_MAX]; /* behind this CPU, and one more; 0: none */
static uint64_t
	granted[CLOCK_CPUS_MAX]; /* when the lock is this CPU's; CLOCK_NEVER: not yet known */

void
lock_take(struct lock *lock, enum lock_kind kind)
{
	uintptr_t free = 0;
	unsigned me = clock_cpu;
	enum where before;
	uint64_t since;

	if (lines_compare_exchange(&lock->held, &free, 1))
		return;
	next_waiter[me] = 0;
	granted[me] = CLOCK_NEVER;
	if (lock->first == 0)
		lock->first = me + 1;
	else
		next_waiter[lock->last - 1] = me + 1;
	lock->last = me + 1;
	since = clock_now;
	before = cpu_enter(LOCK);
	while (clock_now < granted[me])
		cpu_sleep(granted[me]);
	cpu_enter(before);
	lock_waits[kind] += clock_now - since;
}

/*
 * lock_drop: to the first who waits: what it spins on is written, and moves to it. Stores are seen in
 * their order (x86), so not before those of the critical section have reached their lines.
 */
void
lock_drop(struct lock *lock)
{
	unsigned next;

	lines_store(&lock->held, 0);
	if (lock->first == 0)
		return;
	lock->held.value =
		1; /* it is handed on; somebody may have come while the store was on its way */
	next = lock->first - 1;
	lock->first = next_waiter[next];
	charge(machine.line.hit);
	granted[next] = lines_stored() + machine_line_cost(next, clock_cpu);
	clock_wake(next, granted[next]);
}

uintptr_t
lock_take_irq(struct lock *lock, enum lock_kind kind)
{
	uintptr_t irqs = cpu_irq_save();

	lock_take(lock, kind);
	return irqs;
}

void
lock_drop_irq(struct lock *lock, uintptr_t irqs)
{
	lock_drop(lock);
	cpu_irq_restore(irqs);
}
