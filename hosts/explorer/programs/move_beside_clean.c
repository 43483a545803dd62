// expect: safe
// SPDX-License-Identifier: MIT
// A dirty page moves while it is written out; user mode then writes through whatever it has.
#include "program.h"

static void
set_up(void)
{
	lock_each_table();
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
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
	clean();
	user_store(0, 7);
}

PROGRAM(move_beside_clean, 2, cpu0, cpu1);
