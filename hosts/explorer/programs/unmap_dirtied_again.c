// expect: safe
// SPDX-License-Identifier: MIT
// A file's page that is being written out is written to again, and unmapped: its mark is taken
// between the clear and the flush, and a store follows.
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
	write_fault(0, 0);
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	clean();
	user_store(0, 7);
}

PROGRAM(unmap_dirtied_again, 2, cpu0, cpu1);
