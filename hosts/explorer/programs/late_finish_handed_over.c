// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes offline that is the last to answer a finish, and a kernel mapping goes, of which
// nobody tells it any more: another CPU ends the finish, whose callback may use such memory.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	map(KERNEL, 0, PTE_WRITE);
	run_on(0, KERNEL);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 1, false);
	unmap(KERNEL, 0, 1, false);
}

static void
cpu1(void)
{
	go_offline();
}

PROGRAM(late_finish_handed_over, 2, cpu0, cpu1);
