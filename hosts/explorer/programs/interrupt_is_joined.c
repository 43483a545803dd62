// expect: safe
// SPDX-License-Identifier: MIT
// Two CPUs ask a third, which has interrupts off until both have: one interrupt is enough.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
	run_on(2, 0);
	limit_interrupts(1);
}

static void
ask(void)
{
	salvo_flush_page(&spaces[0], PAGE(0));
}

static void
asked(void)
{
	irqs_off();
	wait_until(&salvo_cpus[2].asked, 2);
	irqs_on();
}

PROGRAM(interrupt_is_joined, 3, ask, ask, asked);
