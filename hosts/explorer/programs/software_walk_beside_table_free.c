// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed while software walks it without a lock, interrupts off: it is asked, and answers
// when it is out.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, 0);
	run_on(1, 0);
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

PROGRAM(software_walk_beside_table_free, 2, cpu0, cpu1);
