// expect: safe
// SPDX-License-Identifier: MIT
// A kernel mapping goes while another CPU goes from a user's space to the kernel's, and back.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(KERNEL, 0, PTE_WRITE);
	run_on(0, KERNEL);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(KERNEL, 0, 1, false);
}

static void
cpu1(void)
{
	load_kernel();
	load(0);
}

PROGRAM(kernel_unmap_beside_away, 2, cpu0, cpu1);
