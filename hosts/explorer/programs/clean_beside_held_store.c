// expect: safe
// SPDX-License-Identifier: MIT
// A page is cleaned while a store to it is held back by a CPU that goes lazy, and is not asked.
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
	clean();
}

static void
cpu1(void)
{
	user_store(0, 7);
	go_lazy();
}

PROGRAM(clean_beside_held_store, 2, cpu0, cpu1);
