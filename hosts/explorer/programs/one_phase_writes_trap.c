// expect: safe
// SPDX-License-Identifier: MIT
// A clean page is reclaimed in one phase where a store through a clean entry walks again.
#include "one_phase.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	frame = hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

PROGRAM(one_phase_writes_trap, 2, cpu0, cpu1);
