// expect: safe
// SPDX-License-Identifier: MIT
// An unmap flushes a file's dirty page before its rmap goes, and has nothing to flush at its end.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(1);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(interrupt_once_for_dirty_page, 2, cpu0, NULL);
