// expect: safe
// SPDX-License-Identifier: MIT
// A huge leaf and a small one, beyond the first of its table, go at once: another CPU may hold
// both.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	map(0, 3, PTE_WRITE);
	collapse(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 4, false);
}

PROGRAM(unmap_of_two_sizes, 2, cpu0);
