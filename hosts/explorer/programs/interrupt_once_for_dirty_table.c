// expect: safe
// SPDX-License-Identifier: MIT
// A file's dirty pages in two tables are unmapped: another CPU is interrupted once for each table,
// and no more at the end.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 1, PTE_WRITE | PTE_DIRTY);
	map_file(0, 2, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(2);
}

static void
cpu0(void)
{
	unmap(0, 1, 3, false);
}

PROGRAM(interrupt_once_for_dirty_table, 2, cpu0, NULL);
