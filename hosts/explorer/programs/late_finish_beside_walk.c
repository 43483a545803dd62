// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed by a finish that waits for nobody, while software of two CPUs walks it without
// a lock: whoever notices that the flush is over waits for the other's walk, and serves.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
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
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

static void
cpu2(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(late_finish_beside_walk, 3, cpu0, cpu1, cpu2);
