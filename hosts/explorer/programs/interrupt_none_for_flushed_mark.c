// expect: safe
// SPDX-License-Identifier: MIT
// An unmap has left its number in a table, and flushed, while another operation is open elsewhere:
// one that finds nothing in that table flushes nothing.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	spaces[0].pending.value = 1; /* somebody else's */
	limit_interrupts(1);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
	unmap(0, 1, 2, false);
}

PROGRAM(interrupt_none_for_flushed_mark, 2, cpu0, NULL);
