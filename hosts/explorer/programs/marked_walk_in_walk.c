// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed while software walks it, and an NMI comes in the middle that walks another
// space: its mark must not hide the first one, nor may it take that away when it ends.
#include "program.h"

static void
nmi(void)
{
	software_walk(1, 0);
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
	software_walk_beside_nmi(0, 0, nmi);
	irqs_on();
}

PROGRAM(marked_walk_in_walk, 2, cpu0, cpu1);
