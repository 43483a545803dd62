// expect: safe
// SPDX-License-Identifier: MIT
// A batch has room for one space, and clears entries of two.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	map(1, 0, PTE_WRITE);
	hold(0, 0);
	hold(1, 0);
	run_on(0, 0);
	run_on(1, 1);
}

static void
cpu0(void)
{
	reclaim();
}

static void
cpu1(void)
{
	load(0);
	load(1);
}

PROGRAM(batch_beyond_its_spaces, 2, cpu0, cpu1);
