// expect: safe
// SPDX-License-Identifier: MIT
// A page is reclaimed that a device may fetch through a TLB of its own.
#include "program.h"

static void
set_up(void)
{
	attach_device();
	new_space(0);
	map(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	reclaim();
}

PROGRAM(device_beside_reclaim, 2, cpu0, NULL);
