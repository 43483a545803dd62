// expect: safe
// SPDX-License-Identifier: MIT
// As interrupt_no_lazy, where another operation has marked the space: that does not change it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
	spaces[0].pending.value = 1; /* somebody else's */
	limit_interrupts(0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(interrupt_no_lazy_for_mark, 2, cpu0, NULL);
