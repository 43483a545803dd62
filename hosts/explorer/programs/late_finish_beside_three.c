// expect: safe
// SPDX-License-Identifier: MIT
// A page is unmapped by a finish that waits for nobody: it goes from one of two CPUs that may use
// the page to the other, in either order.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, KERNEL);
	run_on(1, 0);
	run_on(2, 0);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 1, false);
}

PROGRAM(late_finish_beside_three, 3, cpu0, NULL, NULL);
