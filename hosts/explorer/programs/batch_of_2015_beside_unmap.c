// expect: fails 1
// SPDX-License-Identifier: MIT
// Reclaim flushes at the end of its batch and tells nobody, as published in 2015: munmap finds the
// entry clear, flushes nothing, and returns.
#include "batch_of_2015.h"

static void
cpu1(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(batch_of_2015_beside_unmap, 2, cpu0, cpu1);
