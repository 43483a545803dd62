// expect: fails 7
// SPDX-License-Identifier: MIT
// As interrupt_once_for_two_pages, by one that flushes page by page.
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
	protect(0, 0, 1);
	protect(0, 1, 2);
}

PROGRAM(interrupt_for_each_page, 2, cpu0, NULL);
