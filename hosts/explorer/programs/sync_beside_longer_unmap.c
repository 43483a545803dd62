// expect: safe
// SPDX-License-Identifier: MIT
// As sync_beside_unmap, by an unmap of dirty pages in two tables, which flushes for each.
#include "program.h"

FIXED static uintptr_t frame;

static void
set_up(void)
{
	new_space(0);
	map_file(0, 1, PTE_WRITE | PTE_DIRTY);
	map_file(0, 2, PTE_WRITE | PTE_DIRTY);
	frame = hold(0, 1);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 1, 3, false);
}

static void
cpu1(void)
{
	clean();
	if (!user_store(1, 7))
		return;
	clean();
	require(is_saved(frame), "a sync misses no store that was made before it");
}

PROGRAM(sync_beside_longer_unmap, 2, cpu0, cpu1);
