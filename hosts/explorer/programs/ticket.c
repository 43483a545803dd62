// expect: safe, long
// SPDX-License-Identifier: MIT
// Two unmaps of one space, with interrupts off, one of which frees a table; a third CPU is lazy and
// back, and away and back. docs/models/ticket.pml is the same question.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 2, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	run_on(2, 0);
}

static void
cpu0(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 2, 4, true);
	irqs_on();
}

static void
cpu2(void)
{
	go_lazy();
	leave_lazy();
	load_kernel();
	load(0);
}

PROGRAM(ticket, 3, cpu0, cpu1, cpu2);
