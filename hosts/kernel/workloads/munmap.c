// SPDX-License-Identifier: MIT
/*
 * munmap.c: a thread maps a region, writes each page and unmaps it, over and over, while the other
 * threads of its process run on all CPUs. policy=page unmaps page by page, policy=batch at once.
 */
#include "workload.h"

#define REGION_PAGES 256

static size_t
round(struct mm *mm, uint64_t *cycles)
{
	uintptr_t start = mm_map_anonymous(mm, REGION_PAGES * PAGE_SIZE);
	uintptr_t end = start + REGION_PAGES * PAGE_SIZE;
	bool done;

	(void)cycles;
	if (start == 0 || !mm_populate(mm, start, end, true))
		return 0;
	measure_begin();
	done = mm_unmap(mm, start, end, options.batch ? end - start : PAGE_SIZE);
	mm_settle(mm); /* interrupts count until it is over, the time until it returns */
	measure_end();
	return done ? REGION_PAGES : 0;
}

bool
workload_munmap(void)
{
	return run_rounds(&(struct rounds){"regions unmapped", 16, 1, round});
}
