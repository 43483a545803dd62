// expect: fails 2
// SPDX-License-Identifier: MIT
// A clean page is reclaimed in one phase where stores pass clean entries unnoticed: one is lost.
#include "one_phase.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	frame = hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

PROGRAM(one_phase_writes_pass, 2, cpu0, cpu1);
