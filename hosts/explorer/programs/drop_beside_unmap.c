// expect: safe
// SPDX-License-Identifier: MIT
// A file's dirty page is unmapped while another CPU writes it out, stores to it, and drops the
// page if it is unmapped and clean.
#include "host.h"
#include "program.h"

FIXED static uintptr_t frame;

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	frame = hold(0, 0);
	run_on(0, KERNEL);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	write_out(frame);
	user_store(0, 7);
	cpu_step(OP_HOST, "drop if clean", 1, __FILE__, __LINE__);
	step_is_visible();
	if (frames[frame].mapped == 0 && !frames[frame].dirty) {
		frames[frame].refs = 0;
		host_free_frame(frame);
	}
}

PROGRAM(drop_beside_unmap, 2, cpu0, cpu1);
