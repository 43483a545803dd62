// expect: safe
// SPDX-License-Identifier: MIT
// An unmap finds clear what a batch without room for the space has cleared.
#include "program.h"

static void
set_up(void)
{
	refuse_pins();
	new_space(0);
	map(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, KERNEL);
	run_on(1, 0);
	run_on(2, 0);
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

PROGRAM(batch_beyond_beside_unmap, 3, cpu0, cpu1, NULL);
