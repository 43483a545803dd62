// expect: safe
// SPDX-License-Identifier: MIT
// As lock_without_serving, by a finish that waits for nobody: a lock that others wait for with
// interrupts off, and without serving, may be held around it.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	lock(false);
	unmap_later(0, 0, 1, false);
	unlock();
}

static void
cpu1(void)
{
	lock(false);
	unlock();
}

PROGRAM(late_finish_under_lock, 2, cpu0, cpu1);
