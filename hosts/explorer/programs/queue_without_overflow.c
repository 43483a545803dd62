// expect: fails 1
// SPDX-License-Identifier: MIT
// Not salvo's: as queue_per_cpu, where a page that finds no room is forgotten.
#include "queue.h"

static void
flush_queued(uintptr_t count, unsigned page)
{
	if (count != 0)
		flush_own_page(page);
}

PROGRAM_OF(queue_without_overflow, 2, handler, cpu0, cpu1);
