// expect: safe
// SPDX-License-Identifier: MIT
// A file's page moves while it is written to: the write is not lost.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE);
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
	user_store(0, 7);
}

PROGRAM(move_beside_store, 2, cpu0, cpu1);
