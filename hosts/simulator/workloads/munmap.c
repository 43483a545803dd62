// SPDX-License-Identifier: MIT
/*
 * munmap.c: threads of one process, or of several, each writing to a few pages of its own and
 * giving them back, over and over, as allocators do with MADV_DONTNEED.
 */
#include "../clock.h"
#include "../frames.h"
#include "../machine.h"
#include "../memory.h"
#include "../operations.h"
#include "../random.h"
#include "../space.h"
#include "../task.h"
#include "storm.h"
#include "workload.h"

static unsigned pages, lru;

/* use_lists: pages come to the node's LRU list and leave it; how often its lock is taken is told. */
static void
use_lists(void)
{
	struct lock *lock = &nodes[machine_node(clock_cpu)].lru;

	for (unsigned i = 0; i < lru; i++) {
		uintptr_t irqs = lock_take_irq(lock, LOCK_LRU);

		charge(pages * machine.kernel.lru);
		lock_drop_irq(lock, irqs);
	}
}

static void
body(struct task *task)
{
	uint64_t random = task->argument;
	uintptr_t start = storm_start(task->cpu, pages);
	struct cpu_counts *counts = &cpu_self()->counts;

	for (;;) {
		for (unsigned i = 0; i < pages; i++)
			memory_use(task->space, start + i * PAGE_SIZE, true, machine.user.touch);
		memory_user(random_about(&random, machine.user.think));
		cpu_enter(CALL);
		charge(machine.kernel.entry + machine.kernel.call);
		lines_add(&task->space->area_lock, 1);
		operations_unmap(task->space, start, start + pages * PAGE_SIZE, false);
		lines_add(&task->space->area_lock, (uintptr_t)-1);
		use_lists();
		cpu_enter(USER);
		counts->operations++;
		counts->pages += pages;
		task_pause();
	}
}

static void
set_up(const struct run *run)
{
	pages = run->pages;
	lru = run->lru;
	storm_set_up(run, body);
}

const struct workload workload_munmap = {
	.name = "munmap",
	.about = "threads that write to pages of their own and give them back",
	.set_up = set_up,
	.takes = TAKES_SPACES | TAKES_PAGES | TAKES_INITIATORS | TAKES_LRU,
	.pages = 4,
	.pages_most = 1 << 20,
};
