// expect: safe
// SPDX-License-Identifier: MIT
// As marked_walk_beside_table_free, before the CPU goes to the space, while it is there, and after:
// walks there say nothing, for the flush asks the CPU.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	new_space(0);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	unmap(0, 0, 2, true);
}

static void
cpu1(void)
{
	load(0);
	irqs_off();
	software_walk(0, 0);
	irqs_on();
	load_kernel();
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(marked_walk_beside_switch, 2, cpu0, cpu1);
