// expect: safe
// SPDX-License-Identifier: MIT
// Two pages become one huge leaf while one of them is written to: what was stored is read back.
#include "program.h"

static void
set_up(void)
{
	need_break_before_make();
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	collapse(0, 0);
}

static void
cpu1(void)
{
	intptr_t value;

	if (!user_store(0, 7))
		return;
	value = user_load(0);
	require(value == 7 || value == -1, "a write is read back, or the load faults");
}

PROGRAM(collapse_beside_store, 2, cpu0, cpu1);
