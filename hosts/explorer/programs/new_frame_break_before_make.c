// expect: safe
// SPDX-License-Identifier: MIT
// A page gets another frame where hardware must not find two: it is unmapped and flushed first.
#include "program.h"

FIXED static uintptr_t old;

static void
set_up(void)
{
	need_break_before_make();
	new_space(0);
	map(0, 0, PTE_WRITE);
	old = keep(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
	map(0, 0, PTE_WRITE);
	free_page(old);
}

static void
cpu1(void)
{
	load_kernel();
	load(0);
	user_load(0);
}

PROGRAM(new_frame_break_before_make, 2, cpu0, cpu1);
