// expect: safe
// SPDX-License-Identifier: MIT
// As software_walk_beside_table_free, by a lazy CPU.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	unmap(0, 0, 2, true);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(software_walk_of_lazy_space, 2, cpu0, cpu1);
