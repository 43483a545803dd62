// expect: safe
// SPDX-License-Identifier: MIT
// A lazy CPU is far behind, half of a narrow counter's way, when it comes back beside an unmap.
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
	for (unsigned i = 0; i < 4; i++)
		salvo_flush_page(&spaces[0], PAGE(3));
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	leave_lazy();
}

PROGRAM(lazy_far_behind, 2, cpu0, cpu1);
