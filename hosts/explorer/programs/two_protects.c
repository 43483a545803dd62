// expect: safe
// SPDX-License-Identifier: MIT
// Two CPUs take the same right away: the second finds it gone already.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	irqs_off();
	protect(0, 0, 1);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	protect(0, 0, 1);
	irqs_on();
}

PROGRAM(two_protects, 2, cpu0, cpu1);
