// expect: safe
// SPDX-License-Identifier: MIT
// As marked_walk_in_walk, where the table is of the space that the NMI walks.
#include "program.h"

static void
nmi(void)
{
	software_walk(0, 0);
}

static void
set_up(void)
{
	mark_walks();
	new_space(0);
	new_space(1);
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
	irqs_off();
	software_walk_beside_nmi(1, 0, nmi);
	irqs_on();
}

PROGRAM(marked_walk_in_nmi, 2, cpu0, cpu1);
