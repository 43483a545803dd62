// expect: safe
// SPDX-License-Identifier: MIT
// Two pages become one huge leaf while software walks their table without a lock, interrupts off:
// it is asked before the table is freed.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	collapse(0, 0);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(collapse_beside_walk, 2, cpu0, cpu1);
