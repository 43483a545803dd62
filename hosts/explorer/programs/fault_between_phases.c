// expect: safe
// SPDX-License-Identifier: MIT
// A write faults between the two phases of reclaim: the entry becomes writable, and dirty with it.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	reclaim();
}

static void
cpu1(void)
{
	if (user_store(0, 7))
		return;
	write_fault(0, 0);
	user_store(0, 8);
}

PROGRAM(fault_between_phases, 2, cpu0, cpu1);
