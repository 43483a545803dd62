// SPDX-License-Identifier: MIT
/*
 * protect.c: threads of one process that write to pages of their own, write-protect them and make them
 * writable again, over and over, as garbage collectors and checkpoints do.
 */
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "../machine.h"
#include "../memory.h"
#include "../operations.h"
#include "../random.h"
#include "../space.h"
#include "../task.h"
#include "storm.h"
#include "workload.h"

static unsigned pages;

static void
protect(struct space *space, uintptr_t start, unsigned rights)
{
	enum where before = cpu_enter(CALL);

	charge(machine.kernel.entry + machine.kernel.call);
	lines_add(&space->area_lock, 1);
	operations_protect(space, start, start + pages * PAGE_SIZE, rights);
	lines_add(&space->area_lock, (uintptr_t)-1);
	cpu_enter(before);
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
		protect(task->space, start, 0);
		protect(task->space, start, SALVO_WRITE);
		counts->operations += 2;
		counts->pages += pages;
		task_pause();
	}
}

static void
set_up(const struct run *run)
{
	pages = run->pages;
	storm_set_up(run, body);
}

const struct workload workload_protect = {
	.name = "protect",
	.about = "threads that write-protect pages of their own and make them writable again",
	.set_up = set_up,
	.takes = TAKES_SPACES | TAKES_PAGES | TAKES_INITIATORS,
	.pages = 16,
	.pages_most = 1 << 20,
};
