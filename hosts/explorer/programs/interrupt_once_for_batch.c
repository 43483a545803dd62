// expect: safe
// SPDX-License-Identifier: MIT
// A batch of two pages, of which another CPU may hold both, interrupts it once.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	hold(0, 0);
	hold(0, 1);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(1);
}

static void
cpu0(void)
{
	reclaim();
}

PROGRAM(interrupt_once_for_batch, 2, cpu0, NULL);
