// expect: safe
// SPDX-License-Identifier: MIT
// As destroy_beside_initiator, by a CPU that has interrupts off, and which the other one asks.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(KERNEL, 0, PTE_WRITE);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	irqs_off();
	destroy(0);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(KERNEL, 0, 1, false);
	irqs_on();
}

PROGRAM(destroy_irqs_off, 2, cpu0, cpu1);
