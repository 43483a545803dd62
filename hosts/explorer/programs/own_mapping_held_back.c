// expect: safe
// SPDX-License-Identifier: MIT
// A CPU uses a mapping before its store to the entry is in memory, and unmaps it again.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	map_file(0, 0, PTE_WRITE);
	user_store(0, 7);
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	user_load(0);
}

PROGRAM(own_mapping_held_back, 2, cpu0, cpu1);
