// expect: safe
// SPDX-License-Identifier: MIT
// One CPU unmaps a page that another may use at any moment.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(unmap_beside_user, 2, cpu0, NULL);
