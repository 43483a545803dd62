// expect: safe
// SPDX-License-Identifier: MIT
// An initiator is interrupted by a handler that makes a request of its own.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	run_on(2, 0);
}

static void
handler(void)
{
	salvo_interrupt();
	if (this_cpu() == 0)
		salvo_flush_page(&spaces[0], PAGE(3));
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	raise_interrupt(0);
}

PROGRAM_OF(request_in_handler, 3, handler, cpu0, cpu1, NULL);
