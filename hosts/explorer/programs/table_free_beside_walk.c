// expect: safe
// SPDX-License-Identifier: MIT
// A page table is freed while a lazy CPU's hardware may walk it, and comes back.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	unmap(0, 0, 2, true);
}

static void
cpu1(void)
{
	leave_lazy();
}

PROGRAM(table_free_beside_walk, 2, cpu0, cpu1);
