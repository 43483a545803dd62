// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed while software walks another space on another CPU: it is not interrupted.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	limit_interrupts(0);
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
	software_walk(1, 0);
	irqs_on();
}

PROGRAM(interrupt_none_for_other_walk, 2, cpu0, cpu1);
