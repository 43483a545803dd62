// expect: fails 0
// SPDX-License-Identifier: MIT
// A body writes what set_up alone may, and what is no part of a state: the explorer says so.
#include "program.h"

FIXED static unsigned count;

static void
set_up(void)
{
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	if (choose(2) == 0)
		count++;
}

PROGRAM(fixed_is_written, 2, cpu0, NULL);
