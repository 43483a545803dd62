// expect: safe
// SPDX-License-Identifier: MIT
// A CPU has two slots and goes round three spaces.
#include "program.h"

static void
set_up(void)
{
	use_slots(2);
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	map(1, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	load(1);
	load_kernel();
	load(0);
	load(1);
}

PROGRAM(slots_of_three_spaces, 2, cpu0, cpu1);
