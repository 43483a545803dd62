// expect: safe
// SPDX-License-Identifier: MIT
// Two pages become one huge leaf while software walks their table on a CPU that runs on another
// space.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	collapse(0, 0);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(marked_walk_beside_collapse, 2, cpu0, cpu1);
