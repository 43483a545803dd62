// expect: safe
// SPDX-License-Identifier: MIT
// A CPU that has never had a space loads it while another unmaps. With --narrow its word of the CPU
// set was not in use.
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

PROGRAM(first_load_beside_unmap, 2, cpu0, cpu1);
