// expect: safe
// SPDX-License-Identifier: MIT
// A file's dirty page is reclaimed where stores pass clean entries unnoticed: one phase is enough.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(1);
}

static void
cpu0(void)
{
	reclaim();
}

static void
cpu1(void)
{
	user_store(0, 7);
}

PROGRAM(reclaim_dirty_writes_pass, 2, cpu0, cpu1);
