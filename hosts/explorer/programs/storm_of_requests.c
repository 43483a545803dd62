// expect: safe
// SPDX-License-Identifier: MIT
// Requests come for as long as a CPU serves: it lets its handler end, and is interrupted again.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
	run_on(2, 0);
}

static void
twice(void)
{
	irqs_off();
	salvo_flush_page(&spaces[0], PAGE(0));
	salvo_flush_page(&spaces[0], PAGE(0));
	irqs_on();
}

PROGRAM(storm_of_requests, 3, twice, twice, NULL);
