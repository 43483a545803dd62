/* SPDX-License-Identifier: MIT */
/*
 * reclaim_beside_sync.h: for the programs reclaim_beside_sync*: a file's page is reclaimed by a
 * batch that is flushed after its table's lock is dropped, beside a CPU that writes it out, stores
 * to it, and writes it out again. A host's lock of the page may keep the two apart.
 */
#include "program.h"

FIXED static uintptr_t frame;

static void lock_page(void);
static void unlock_page(void);

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
	lock_page();
	reclaim();
	unlock_page();
}

static void
sync(void)
{
	lock_page();
	clean();
	unlock_page();
}

static void
cpu1(void)
{
	sync();
	if (!user_store(0, 7))
		return;
	sync();
	require(is_saved(frame), "a sync misses no store that was made before it");
}
