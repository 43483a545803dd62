// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes offline while it is asked, and does not come back: nobody waits for it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(KERNEL, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
	unmap(KERNEL, 0, 1, false);
}

static void
cpu1(void)
{
	go_offline();
}

PROGRAM(offline_for_good, 2, cpu0, cpu1);
