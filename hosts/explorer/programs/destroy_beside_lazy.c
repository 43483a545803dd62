// expect: safe
// SPDX-License-Identifier: MIT
// A space goes while a CPU is lazy on it; its memory becomes a new space.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	destroy(0);
	new_space(0);
	map(0, 0, PTE_WRITE);
	load(0);
}

static void
cpu1(void)
{
	load_kernel();
}

PROGRAM(destroy_beside_lazy, 2, cpu0, cpu1);
