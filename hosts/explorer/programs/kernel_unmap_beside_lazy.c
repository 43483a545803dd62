// expect: safe
// SPDX-License-Identifier: MIT
// A kernel mapping goes while another CPU is lazy: it is asked too.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(KERNEL, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	unmap(KERNEL, 0, 1, false);
}

static void
cpu1(void)
{
	leave_lazy();
}

PROGRAM(kernel_unmap_beside_lazy, 2, cpu0, cpu1);
