// expect: safe
// SPDX-License-Identifier: MIT
// Two finishes, one after the other, that wait for nobody: whoever ends the first may serve
// meanwhile, and so take the second over, which it ends afterwards.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	map(0, 1, PTE_WRITE | PTE_DIRTY);
	run_on(0, KERNEL);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 1, false);
	unmap_later(0, 1, 2, false);
}

PROGRAM(late_finishes_in_turn, 2, cpu0, NULL);
