// expect: safe
// SPDX-License-Identifier: MIT
// A page is unmapped, and its address mapped again, while another CPU is away.
#include "program.h"

static void
set_up(void)
{
	use_slots(2);
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
	map(0, 0, PTE_WRITE);
}

static void
cpu1(void)
{
	load_kernel();
	load(0);
	user_load(0);
}

PROGRAM(mapping_again_beside_away, 2, cpu0, cpu1);
