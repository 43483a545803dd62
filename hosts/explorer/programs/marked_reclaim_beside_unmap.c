// expect: safe
// SPDX-License-Identifier: MIT
// As reclaim_beside_unmap, where each table has a mark of its own.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	irqs_off();
	reclaim();
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(marked_reclaim_beside_unmap, 2, cpu0, cpu1);
