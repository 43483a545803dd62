// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed by a finish that waits for nobody, while software walks it without a lock: it is
// queued, and freed by who may wait for walks.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	queue_tables();
	mark_walks();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, KERNEL);
	run_on(1, 0);
	run_on(2, KERNEL);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 2, true);
	wait_for_finishes(1);
	free_queued_tables(0);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(late_finish_beside_walk, 3, cpu0, cpu1, cpu1);
