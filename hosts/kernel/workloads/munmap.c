// SPDX-License-Identifier: MIT
/*
 * munmap.c: a thread maps a region, writes each page and unmaps it, over and over, while the other
 * threads of its process run on all CPUs. policy=page unmaps page by page, policy=batch at once.
 */
#include "workload.h"

#define REGION_PAGES 64
#define ROUNDS       8

static size_t
round(struct mm *mm)
{
	uintptr_t start = mm_map_anonymous(mm, REGION_PAGES * PAGE_SIZE);
	uintptr_t end = start + REGION_PAGES * PAGE_SIZE;

	if (start == 0 || !mm_populate(mm, start, end, true) ||
		!mm_unmap(mm, start, end, options.batch ? end - start : PAGE_SIZE))
		return 0;
	return REGION_PAGES;
}

bool
workload_munmap(void)
{
	return run_rounds("regions unmapped", ROUNDS, round);
}
