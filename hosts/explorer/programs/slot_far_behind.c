// expect: safe
// SPDX-License-Identifier: MIT
// A CPU comes back to a slot after more requests than a ring holds, or a narrow counter counts.
#include "program.h"

static void
set_up(void)
{
	use_slots(2);
	new_space(0);
	new_space(1);
	map(0, 0, PTE_WRITE);
	run_on(0, KERNEL);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
	for (unsigned i = 0; i < 7; i++)
		salvo_flush_page(&spaces[0], PAGE(3));
}

static void
cpu1(void)
{
	load(1);
	load(0);
}

PROGRAM(slot_far_behind, 2, cpu0, cpu1);
