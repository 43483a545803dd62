// expect: safe
// SPDX-License-Identifier: MIT
// As marked_walk_beside_table_free, where two tables go, and memory to queue them may be refused:
// who frees waits for walks at once then.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	offer_books();
	new_space(0);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	unmap(0, 0, 4, true);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 2);
	irqs_on();
}

PROGRAM(marked_walk_out_of_memory, 2, cpu0, cpu1);
