// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed while software walks it on a CPU that has the space loaded: the flush interrupts
// it, and the wait for walks does not again, though it walks again.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	limit_interrupts(1);
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
	for (unsigned i = 0; i < 2; i++) {
		irqs_off();
		software_walk(0, 0);
		irqs_on();
	}
}

PROGRAM(interrupt_once_for_walk, 2, cpu0, cpu1);
