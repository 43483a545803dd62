// expect: safe
// SPDX-License-Identifier: MIT
// An unmap that frees a table, beside one CPU in user mode, one lazy and back, one away and back.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 2, PTE_WRITE);
	for (unsigned cpu = 0; cpu < 4; cpu++)
		run_on(cpu, 0);
}

static void
initiator(void)
{
	unmap(0, 2, 4, true);
}

static void
lazy(void)
{
	go_lazy();
	leave_lazy();
}

static void
away(void)
{
	load_kernel();
	load(0);
}

PROGRAM(unmap_beside_three, 4, initiator, NULL, lazy, away);
