// expect: safe
// SPDX-License-Identifier: MIT
// As ticket, with a third CPU that stays in user mode.
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

PROGRAM(ticket_user, 3, cpu0, cpu1, NULL);
