// expect: safe
// SPDX-License-Identifier: MIT
// A space goes while a CPU is lazy on it and stays so: it lets go when it is asked.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	destroy(0);
}

PROGRAM(destroy_where_lazy_stays, 2, cpu0, NULL);
