// expect: safe
// SPDX-License-Identifier: MIT
// A page becomes writable: nobody is interrupted, for who has the old entry faults and looks again.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, 0);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(0);
}

static void
cpu0(void)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &spaces[0], PAGE(0), PAGE(1));
	salvo_protect(&gather, PAGE(0), PAGE(1), SALVO_WRITE);
	salvo_gather_finish(&gather);
}

static void
cpu1(void)
{
	user_store(0, 7);
	user_store(0, 8);
}

PROGRAM(interrupt_none_for_growth, 2, cpu0, cpu1);
