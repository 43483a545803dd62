// expect: safe
// SPDX-License-Identifier: MIT
// Another operation has marked the space, and not the table where this one finds nothing: it
// flushes nothing.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 2, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	spaces[0].pending.value = 1; /* somebody else's */
	limit_interrupts(0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(interrupt_none_for_other_table, 2, cpu0, NULL);
