// expect: safe
// SPDX-License-Identifier: MIT
// A page goes while another CPU is on another space: it is not interrupted.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 1);
	limit_interrupts(0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(interrupt_no_outsider, 2, cpu0, NULL);
