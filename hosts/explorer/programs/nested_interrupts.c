// expect: safe
// SPDX-License-Identifier: MIT
// A handler turns interrupts on and makes a request; interrupted in it, it makes another.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, 0);
}

static void
handler(void)
{
	salvo_interrupt();
	if (this_cpu() != 0)
		return;
	irqs_on();
	salvo_flush_page(&spaces[0], PAGE(3));
	irqs_off();
}

static void
cpu1(void)
{
	raise_interrupt(0);
	raise_interrupt(0);
}

PROGRAM_OF(nested_interrupts, 2, handler, NULL, cpu1);
