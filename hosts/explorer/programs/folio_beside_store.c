// expect: safe
// SPDX-License-Identifier: MIT
// Two dirty pages of a file whose frames follow each other, as a folio's, are unmapped at once:
// their rmap goes in one call, after one flush.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	map_file(0, 1, PTE_WRITE | PTE_DIRTY);
	require(hold(0, 1) == hold(0, 0) + 1, "the frames follow each other");
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(1);
}

static void
cpu0(void)
{
	unmap(0, 0, 2, false);
}

static void
cpu1(void)
{
	user_store(0, 7);
	user_store(1, 8);
}

PROGRAM(folio_beside_store, 2, cpu0, cpu1);
