// expect: safe
// SPDX-License-Identifier: MIT
// A table is unlinked while another CPU unmaps pages of it and of the next table, which nobody has
// marked.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	irqs_off();
	unmap(0, 0, 2, true);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 0, 4, false);
	irqs_on();
}

PROGRAM(marked_table_gone_beside_unmap, 2, cpu0, cpu1);
