// expect: safe
// SPDX-License-Identifier: MIT
// A page moves while it is truncated, each table with a lock of its own: found at its new address.
#include "program.h"

static void
set_up(void)
{
	lock_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
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
	zap(0, 2, 3, false);
}

PROGRAM(move_beside_truncation, 2, cpu0, cpu1);
