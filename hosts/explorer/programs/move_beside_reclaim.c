// expect: safe
// SPDX-License-Identifier: MIT
// A page moves while it is reclaimed.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	move(0, 0, 2, 1);
}

static void
cpu1(void)
{
	reclaim();
}

PROGRAM(move_beside_reclaim, 2, cpu0, cpu1);
