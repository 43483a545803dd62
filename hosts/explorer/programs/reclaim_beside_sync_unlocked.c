// expect: fails 0
// SPDX-License-Identifier: MIT
// As reclaim_beside_sync, where neither holds the page's lock.
#include "reclaim_beside_sync.h"

static void
lock_page(void)
{
}

static void
unlock_page(void)
{
}

PROGRAM(reclaim_beside_sync_unlocked, 2, cpu0, cpu1);
