// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes from lazy on one space straight to another, where a page goes.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 1);
	start_lazy(1);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	load(0);
}

PROGRAM(lazy_to_another_space, 2, cpu0, cpu1);
