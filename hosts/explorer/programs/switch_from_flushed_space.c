// expect: safe
// SPDX-License-Identifier: MIT
// A CPU leaves a space that had more requests than the one it goes to.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 1);
	salvo_flush_page(&spaces[1], PAGE(3));
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	load(0);
}

PROGRAM(switch_from_flushed_space, 2, cpu0, cpu1);
