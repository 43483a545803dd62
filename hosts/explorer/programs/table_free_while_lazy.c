// expect: safe
// SPDX-License-Identifier: MIT
// A lazy CPU frees a table of the space that it has loaded: its own hardware may walk it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	start_lazy(0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	unmap(0, 0, 2, true);
	leave_lazy();
}

PROGRAM(table_free_while_lazy, 2, cpu0, NULL);
