// expect: safe
// SPDX-License-Identifier: MIT
// As collapse_beside_store, where stores pass clean entries unnoticed: the copy is dirty.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
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

PROGRAM(collapse_clean_writes_pass, 2, cpu0, cpu1);
