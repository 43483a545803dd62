// expect: safe
// SPDX-License-Identifier: MIT
// A lock is held across a flush; who waits for it with interrupts off serves.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	lock(true);
	unmap(0, 0, 1, false);
	unlock();
}

static void
cpu1(void)
{
	lock(true);
	unlock();
}

PROGRAM(lock_across_flush, 2, cpu0, cpu1);
