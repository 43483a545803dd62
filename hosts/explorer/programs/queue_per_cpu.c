// expect: safe
// SPDX-License-Identifier: MIT
// Not salvo's: a queue for each CPU, with room for one page; where more come, all is flushed.
#include "queue.h"

static void
flush_queued(uintptr_t count, unsigned page)
{
	if (count > ROOM)
		flush_own_tlb();
	else if (count != 0)
		flush_own_page(page);
}

PROGRAM_OF(queue_per_cpu, 2, handler, cpu0, cpu1);
