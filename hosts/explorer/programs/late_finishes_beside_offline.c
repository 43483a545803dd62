// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes offline beside a finish that waits for nobody and an unmap, which asks it when it has
// gone: the finish is not left with it.
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
	run_on(2, KERNEL);
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

static void
cpu2(void)
{
	unmap_later(0, 1, 2, false);
}

PROGRAM(late_finishes_beside_offline, 3, cpu0, cpu1, cpu2);
