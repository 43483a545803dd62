// expect: safe
// SPDX-License-Identifier: MIT
// A file's page is reclaimed and flushed after its table's lock is dropped, beside write-back: the
// page's lock, which both hold, keeps a sync from missing a store.
#include "reclaim_beside_sync.h"

static void
lock_page(void)
{
	lock(true);
}

static void
unlock_page(void)
{
	unlock();
}

PROGRAM(reclaim_beside_sync, 2, cpu0, cpu1);
