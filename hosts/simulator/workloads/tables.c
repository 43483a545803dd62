// SPDX-License-Identifier: MIT
/*
 * tables.c: page tables are freed beside software that walks them without a lock. Half of the threads of a
 * process map a few pages in an area of their own and unmap all of it, its tables too; the others look
 * pages up as GUP-fast does: with interrupts off, from the root down, in any thread's area.
 */
#include "../machine.h"
#include "../memory.h"
#include "../operations.h"
#include "../random.h"
#include "../space.h"
#include "../task.h"
#include "storm.h"
#include "workload.h"

enum { WALK_NS = 150 /* besides the lines that it reads; assumed */ };

#define AREA ((uintptr_t)1 << 21) /* what a leaf table maps */

static unsigned pages, busy;

/* walk: whether somebody has a page there. => the space is loaded */
static void
walk(const struct space *space, uintptr_t address)
{
	uintptr_t irqs = cpu_irq_save(), table;
	struct salvo_word *entry;

	charge(WALK_NS * CLOCK_NS);
	entry = space_entry(space, address, false, &table);
	if (entry != NULL)
		lines_load(entry);
	cpu_irq_restore(irqs);
}

static void
walker(struct task *task)
{
	uint64_t random = task->argument;

	for (;;) {
		unsigned cpu = (unsigned)(random_next(&random) % busy);

		memory_user(random_about(&random, machine.user.think));
		cpu_enter(CALL);
		walk(task->space, storm_start(cpu, AREA / PAGE_SIZE));
		cpu_enter(USER);
		cpu_self()->counts.operations++;
		task_pause();
	}
}

static void
freer(struct task *task)
{
	uint64_t random = task->argument;
	uintptr_t start = storm_start(task->cpu, AREA / PAGE_SIZE);

	for (;;) {
		for (unsigned i = 0; i < pages; i++)
			memory_use(task->space, start + i * PAGE_SIZE, true, machine.user.touch);
		memory_user(random_about(&random, machine.user.think));
		cpu_enter(CALL);
		charge(machine.kernel.entry + machine.kernel.call);
		lines_add(&task->space->area_lock, 1);
		operations_unmap(task->space, start, start + AREA, true);
		lines_add(&task->space->area_lock, (uintptr_t)-1);
		cpu_enter(USER);
		cpu_self()->counts.operations++;
		cpu_self()->counts.pages += pages;
		task_pause();
	}
}

static void
body(struct task *task)
{
	if (task->argument % 2 == 0)
		freer(task);
	else
		walker(task);
}

static void
set_up(const struct run *run)
{
	pages = run->pages;
	busy = run->busy;
	storm_set_up(run, body);
}

const struct workload workload_tables = {
	.name = "tables",
	.about = "page tables are freed beside software that walks them",
	.set_up = set_up,
	.takes = TAKES_SPACES | TAKES_PAGES | TAKES_INITIATORS,
	.pages = 4,
	.pages_most = AREA / PAGE_SIZE,
};
