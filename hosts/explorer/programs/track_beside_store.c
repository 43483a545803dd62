// expect: safe
// SPDX-License-Identifier: MIT
// The dirty pages of a range are found and written out while another CPU writes, and faults.
#include "program.h"

FIXED static uintptr_t frame;

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	frame = hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	track(0, 0, 1, SALVO_TRACK_DIRTY);
	write_out(frame);
}

static void
cpu1(void)
{
	user_store(0, 7);
	if (user_store(0, 8))
		return;
	write_fault(0, 0);
	user_store(0, 9);
}

PROGRAM(track_beside_store, 2, cpu0, cpu1);
