// expect: safe
// SPDX-License-Identifier: MIT
// Two CPUs that have never had a space load it while a third unmaps. With --narrow both have to have
// more words of the CPU set be in use.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	load(0);
}

static void
cpu2(void)
{
	load(0);
}

PROGRAM(first_loads_beside_unmap, 3, cpu0, cpu1, cpu2);
