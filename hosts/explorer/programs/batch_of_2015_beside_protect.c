// expect: fails 5
// SPDX-License-Identifier: MIT
// As batch_of_2015_beside_unmap: mprotect finds the entry clear, and returns while a CPU can write.
#include "batch_of_2015.h"

static void
cpu1(void)
{
	protect(0, 0, 1);
}

PROGRAM(batch_of_2015_beside_protect, 2, cpu0, cpu1);
