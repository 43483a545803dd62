// expect: safe
// SPDX-License-Identifier: MIT
// A space goes while two CPUs are lazy on it, of which one leaves; its memory becomes a new space.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	for (unsigned c = 1; c < 3; c++) {
		run_on(c, 0);
		start_lazy(c);
	}
}

static void
cpu0(void)
{
	destroy(0);
	new_space(0);
	map(0, 0, PTE_WRITE);
	load(0);
}

static void
cpu1(void)
{
	load_kernel();
}

PROGRAM(destroy_beside_two_lazies, 3, cpu0, cpu1, NULL);
