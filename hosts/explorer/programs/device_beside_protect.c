// expect: safe
// SPDX-License-Identifier: MIT
// A page becomes read-only that a device may fetch through a TLB of its own.
#include "program.h"

static void
set_up(void)
{
	attach_device();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	protect(0, 0, 1);
}

PROGRAM(device_beside_protect, 2, cpu0, NULL);
