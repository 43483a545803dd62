// expect: safe
// SPDX-License-Identifier: MIT
// Entries that were accessed move, and go by unmap and by reclaim: the host is told of each page.
#include "program.h"

FIXED static uintptr_t first, second;

static void
set_up(void)
{
	track_accessed_bits();
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_ACCESSED);
	map_file(0, 1, PTE_WRITE | PTE_ACCESSED);
	first = keep(0, 0);
	second = keep(0, 1);
	hold(0, 1);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	move(0, 0, 2, 1);
	unmap(0, 2, 3, false);
	require(was_accessed(first), "unmap passes Accessed on");
	reclaim();
	require(was_accessed(second), "reclaim passes Accessed on");
}

PROGRAM(accessed_is_passed_on, 2, cpu0, NULL);
