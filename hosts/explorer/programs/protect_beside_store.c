// expect: safe
// SPDX-License-Identifier: MIT
// A page becomes read-only, and then is unmapped, while another CPU writes to it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	protect(0, 0, 1);
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	user_store(0, 7);
}

PROGRAM(protect_beside_store, 2, cpu0, cpu1);
