// expect: safe
// SPDX-License-Identifier: MIT
// A batch has pinned a space that is destroyed before the flush; its structure is used again after.
#include "program.h"

static void
set_up(void)
{
	count_pins();
	new_space(0);
	map(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	reclaim();
}

static void
cpu1(void)
{
	destroy(0);
	new_space(0);
	map(0, 0, PTE_WRITE);
	load(0);
}

PROGRAM(batch_beside_destroy, 2, cpu0, cpu1);
