// expect: safe
// SPDX-License-Identifier: MIT
// A page goes that a device may fetch through a TLB of its own: it is told before, and after.
#include "program.h"

static void
set_up(void)
{
	attach_device();
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(device_beside_unmap, 2, cpu0, NULL);
