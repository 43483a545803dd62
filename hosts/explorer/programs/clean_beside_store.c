// expect: safe
// SPDX-License-Identifier: MIT
// A file's dirty page is written out while another CPU writes, faults, and writes again.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	clean();
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

PROGRAM(clean_beside_store, 2, cpu0, cpu1);
