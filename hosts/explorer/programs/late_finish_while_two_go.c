// expect: safe
// SPDX-License-Identifier: MIT
// Two CPUs go offline while they are asked by a finish that waits for nobody: one may hand it over
// to the other, which goes too.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
	run_on(2, KERNEL);
}

static void
cpu0(void)
{
	go_offline();
}

static void
cpu2(void)
{
	unmap_later(0, 0, 1, false);
}

PROGRAM(late_finish_while_two_go, 3, cpu0, cpu0, cpu2);
