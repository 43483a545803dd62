// expect: safe
// SPDX-License-Identifier: MIT
// An unmap finds clear what a batch has cleared and not flushed yet.
#include "program.h"

static void
set_up(void)
{
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

PROGRAM(reclaim_beside_unmap, 2, cpu0, cpu1);
