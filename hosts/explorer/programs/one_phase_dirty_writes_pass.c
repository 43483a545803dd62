// expect: safe
// SPDX-License-Identifier: MIT
// A dirty page is reclaimed in one phase where stores pass clean entries unnoticed.
#include "one_phase.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	frame = hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

PROGRAM(one_phase_dirty_writes_pass, 2, cpu0, cpu1);
