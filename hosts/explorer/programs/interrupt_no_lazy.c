// expect: safe
// SPDX-License-Identifier: MIT
// A page goes while another CPU is lazy: it is not interrupted.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
	limit_interrupts(0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(interrupt_no_lazy, 2, cpu0, NULL);
