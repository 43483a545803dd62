// expect: safe
// SPDX-License-Identifier: MIT
// Two unmaps of one space, with interrupts off: each waits for the other, and serves it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 2, PTE_WRITE);
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
	unmap(0, 2, 4, true);
	irqs_on();
}

PROGRAM(two_unmaps_irqs_off, 2, cpu0, cpu1);
