// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes offline for good while it is asked by a finish that waits for nobody.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 1, false);
}

static void
cpu1(void)
{
	go_offline();
}

PROGRAM(late_finish_beside_offline, 2, cpu0, cpu1);
