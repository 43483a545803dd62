// expect: safe
// SPDX-License-Identifier: MIT
// A table is marked while the last mark of its space is lowered: who looks next must not take it
// for flushed.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 1, 2, false);
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(marked_while_last_is_lowered, 2, cpu0, cpu1);
