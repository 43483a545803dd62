// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes to the kernel's space and comes back while another unmaps.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
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
	load_kernel();
	load(0);
}

PROGRAM(away_and_back, 2, cpu0, cpu1);
