// expect: safe
// SPDX-License-Identifier: MIT
// A space goes while a CPU that is lazy on it makes a request of its own.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(KERNEL, 0, PTE_WRITE);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	destroy(0);
}

static void
cpu1(void)
{
	unmap(KERNEL, 0, 1, false);
}

PROGRAM(destroy_beside_initiator, 2, cpu0, cpu1);
