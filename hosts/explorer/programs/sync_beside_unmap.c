// expect: safe
// SPDX-License-Identifier: MIT
// A file's page is unmapped while another CPU writes it out, stores to it, and writes it out again:
// the second time misses no store.
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
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	clean();
	if (!user_store(0, 7))
		return;
	clean();
	require(is_saved(frame), "a sync misses no store that was made before it");
}

PROGRAM(sync_beside_unmap, 2, cpu0, cpu1);
