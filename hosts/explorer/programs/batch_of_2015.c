// expect: safe
// SPDX-License-Identifier: MIT
// Reclaim as published in 2015, with nothing but user mode beside it: right, as far as it goes.
#include "batch_of_2015.h"

static void
cpu1(void)
{
	load_kernel();
	load(0);
}

PROGRAM(batch_of_2015, 2, cpu0, cpu1);
