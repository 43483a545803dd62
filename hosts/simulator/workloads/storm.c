// SPDX-License-Identifier: MIT
#include "../clock.h"
#include "../memory.h"
#include "../space.h"
#include "../task.h"
#include "storm.h"

enum { BYSTANDER_NS = 10000 /* between two looks at the time slice */ };

#define FIRST_ADDRESS ((uintptr_t)1 << 32)
#define TABLE_SPAN    ((uintptr_t)1 << 21)

uintptr_t
storm_start(unsigned cpu, unsigned pages)
{
	uintptr_t span = (pages * PAGE_SIZE + TABLE_SPAN - 1) & ~(TABLE_SPAN - 1);

	return FIRST_ADDRESS + cpu * span;
}

/* bystander: a thread that only runs, and is interrupted. */
static void
bystander(struct task *task)
{
	(void)task;
	for (;;) {
		memory_user(BYSTANDER_NS * CLOCK_NS);
		task_pause();
	}
}

void
storm_set_up(const struct run *run, void (*body)(struct task *task))
{
	unsigned spaces = run->spaces != 0 && run->spaces < run->busy ? run->spaces : 1;
	struct space *space = NULL;

	if (run->spaces >= run->busy)
		spaces = run->busy;
	for (unsigned i = 0; i < run->busy; i++) {
		bool works = run->initiators == 0 || i < run->initiators;

		if (i % ((run->busy + spaces - 1) / spaces) == 0)
			space = space_new();
		task_new(simulate_cpu(run, i), space, works ? body : bystander, run->seed + i);
	}
}
