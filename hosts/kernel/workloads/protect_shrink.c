// SPDX-License-Identifier: MIT
/*
 * protect_shrink.c: a region that was written becomes read-only and writable again, over and over,
 * while the other threads of the process run on all CPUs. Only the shrinking needs a flush.
 */
#include "workload.h"

#define REGION_PAGES 64
#define ROUNDS       8

static uintptr_t region;

static size_t
round(struct mm *mm)
{
	uintptr_t end;

	if (region == 0)
		region = mm_map_anonymous(mm, REGION_PAGES * PAGE_SIZE);
	end = region + REGION_PAGES * PAGE_SIZE;
	if (region == 0 || !mm_populate(mm, region, end, true) ||
		!mm_protect(mm, region, end, options.batch ? end - region : PAGE_SIZE, false) ||
		!mm_protect(mm, region, end, end - region, true))
		return 0;
	return REGION_PAGES;
}

bool
workload_protect_shrink(void)
{
	return run_rounds("regions protected", ROUNDS, round);
}
