// expect: safe
// SPDX-License-Identifier: MIT
// Two pages become read-only, of which another CPU may hold both: it is interrupted once.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(1);
}

static void
cpu0(void)
{
	protect(0, 0, 2);
}

PROGRAM(interrupt_once_for_two_pages, 2, cpu0, NULL);
