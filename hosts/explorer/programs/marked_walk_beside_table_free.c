// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed while software walks it on a CPU that runs on another space, and says so: who
// frees waits for it.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	new_space(0);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	unmap(0, 0, 2, true);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(marked_walk_beside_table_free, 2, cpu0, cpu1);
