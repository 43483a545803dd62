// expect: safe
// SPDX-License-Identifier: MIT
// As late_finish_beside_unmap, by a protect of that page and the next: it must not leave the first
// one writable for a third CPU.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
	run_on(2, 0);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 1, false);
}

static void
cpu1(void)
{
	protect(0, 0, 1);
}

PROGRAM(late_finish_beside_protect, 3, cpu0, cpu1, NULL);
