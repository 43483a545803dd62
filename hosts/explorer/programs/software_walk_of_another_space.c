// expect: fails 3
// SPDX-License-Identifier: MIT
// Software walks a space that its CPU has not loaded: nobody asks it when a table is freed.
#include "program.h"

static void
set_up(void)
{
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

PROGRAM(software_walk_of_another_space, 2, cpu0, cpu1);
