// expect: safe
// SPDX-License-Identifier: MIT
// Two pages become one huge leaf while a lazy CPU's hardware may walk their table; then they go.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	collapse(0, 0);
	unmap(0, 0, 2, false);
}

static void
cpu1(void)
{
	leave_lazy();
}

PROGRAM(collapse_beside_lazy, 2, cpu0, cpu1);
