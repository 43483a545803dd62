// expect: fails 0
// SPDX-License-Identifier: MIT
// A program names a page that a space does not have: the explorer says so.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 3, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 3, 9, false);
}

PROGRAM(page_not_there, 2, cpu0, NULL);
