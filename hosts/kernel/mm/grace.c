// SPDX-License-Identifier: MIT
/*
 * grace.c: page tables that are freed after a grace period (tables=defer, or finish=later, where
 * nobody may wait for walkers): when every CPU has taken a clock interrupt since. A walk keeps
 * interrupts off, so none that found the table is left; the walker does nothing for it, and nobody
 * is interrupted.
 *
 * A table waits in a list that is made of the tables' own structures, so memory cannot run out
 * here.
 */
#include "mm.h"

static struct spinlock grace_lock = SPINLOCK_IRQ("grace");  /* as frames_lock */
static struct page *waiting;                                /* by `next`; grace_lock */
static _Atomic(uint64_t) clock_interrupts[KERNEL_MAX_CPUS]; /* each CPU adds to its own */

void
mm_tick(void)
{
	atomic_fetch_add(&clock_interrupts[cpu_number()], 1);
}

/* One that others share is theirs to free, after a grace period of its own; it is listed once. */
void
grace_put(struct page *table)
{
	if (page_put_shared(table))
		return;
	spin_lock(&grace_lock);
	table->next = waiting;
	waiting = table;
	spin_unlock(&grace_lock);
}

static struct page *
take_all(void)
{
	struct page *tables;

	spin_lock(&grace_lock);
	tables = waiting;
	waiting = NULL;
	spin_unlock(&grace_lock);
	return tables;
}

/* wait: until every CPU has taken a clock interrupt that came later than this. */
static void
wait(void)
{
	uint64_t before[KERNEL_MAX_CPUS];

	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		before[cpu] = atomic_load(&clock_interrupts[cpu]);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		while (atomic_load(&clock_interrupts[cpu]) == before[cpu])
			sleep_ticks(1);
}

static void
run(void *unused)
{
	(void)unused;
	for (;;) {
		struct page *tables;

		sleep_ticks(1);
		tables = take_all();
		if (tables == NULL)
			continue;
		wait();
		while (tables != NULL) {
			struct page *table = tables;

			tables = table->next;
			page_put(table);
		}
	}
}

void
grace_start(void)
{
	static bool started;

	if (started)
		return;
	started = true;
	if (kernel_thread("grace", run, NULL, -1) == NULL)
		panic("no thread for grace periods");
}
