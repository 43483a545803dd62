// expect: safe
// SPDX-License-Identifier: MIT
// As new_frame_break_before_make, beside a lazy CPU, which walks too, and so is asked.
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
	start_lazy(1);
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
	leave_lazy();
}

PROGRAM(new_frame_beside_lazy, 2, cpu0, cpu1);
