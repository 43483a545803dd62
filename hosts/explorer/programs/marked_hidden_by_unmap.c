// expect: safe
// SPDX-License-Identifier: MIT
// Of two operations that leave a number in a table one has not flushed: who writes over its number,
// and has flushed, unmaps the page that the other one has cleared.
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
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 1, 2, false);
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(marked_hidden_by_unmap, 2, cpu0, cpu1);
