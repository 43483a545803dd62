// expect: fails 6
// SPDX-License-Identifier: MIT
// A lock is held across a flush; who waits for it with interrupts off does not serve.
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
	lock(false);
	unmap(0, 0, 1, false);
	unlock();
}

static void
cpu1(void)
{
	lock(false);
	unlock();
}

PROGRAM(lock_without_serving, 2, cpu0, cpu1);
