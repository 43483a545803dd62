// expect: safe
// SPDX-License-Identifier: MIT
// A CPU cleans a page that it has just stored to, and may still hold the store back.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	user_store(0, 7);
	clean();
}

static void
cpu1(void)
{
	user_store(0, 8);
}

PROGRAM(clean_own_held_store, 2, cpu0, cpu1);
