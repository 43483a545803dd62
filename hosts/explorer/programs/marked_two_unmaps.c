// expect: safe
// SPDX-License-Identifier: MIT
// Two CPUs unmap the same page, and the second finds it gone: the table's mark says if it is
// flushed.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(marked_two_unmaps, 2, cpu0, cpu1);
