// expect: safe
// SPDX-License-Identifier: MIT
// A file's clean page is reclaimed where stores pass clean entries unnoticed: two phases.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
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

PROGRAM(reclaim_clean_writes_pass, 2, cpu0, cpu1);
