// expect: safe
// SPDX-License-Identifier: MIT
// As marked_hidden_by_unmap, where reclaim writes over the number: it has flushed both pages.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE | PTE_DIRTY);
	hold(0, 1);
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
	reclaim();
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(marked_hidden_by_reclaim, 2, cpu0, cpu1);
