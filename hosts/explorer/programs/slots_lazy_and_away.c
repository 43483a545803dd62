// expect: safe
// SPDX-License-Identifier: MIT
// A CPU goes lazy, to another space, and back, its entries kept in a slot, beside an unmap.
#include "program.h"

static void
set_up(void)
{
	use_slots(2);
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	go_lazy();
	load(1);
	load(0);
	go_lazy();
	leave_lazy();
}

PROGRAM(slots_lazy_and_away, 2, cpu0, cpu1);
