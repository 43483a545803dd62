// expect: fails 1
// SPDX-License-Identifier: MIT
// A CPU writes to a space's structure that another destroys and gives back.
#include "program.h"

static void
set_up(void)
{
	count_pins();
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	destroy(0);
}

static void
cpu1(void)
{
	salvo_atomic_store(&spaces[0].quiet, 5);
}

PROGRAM(written_after_given_back, 2, cpu1, cpu0);
