// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes offline, comes back and loads the space, while a finish that waits for nobody may be
// left with it.
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
	come_online();
	load(0);
}

PROGRAM(late_finish_while_one_comes, 2, cpu0, cpu1);
