// expect: safe
// SPDX-License-Identifier: MIT
// A page moves that a device may fetch, at either address, through a TLB of its own.
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
	move(0, 0, 2, 1);
	unmap(0, 2, 3, false);
}

PROGRAM(device_beside_move, 2, cpu0, NULL);
