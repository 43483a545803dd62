// SPDX-License-Identifier: MIT
/*
 * move.c: a region that was written goes from address to address, while the other threads of the
 * process run on all CPUs. policy=page uses a gather for each page, policy=batch one for all: it
 * flushes once for each pair of page tables, before their locks are dropped.
 */
#include "workload.h"

#define REGION_PAGES 256

static uintptr_t region;

static size_t
round(struct mm *mm, uint64_t *cycles)
{
	size_t size = REGION_PAGES * PAGE_SIZE;

	(void)cycles;
	if (region == 0)
		region = mm_map_anonymous(mm, size);
	if (region == 0 || !mm_populate(mm, region, region + size, true))
		return 0;
	measure_begin();
	region = mm_move(mm, region, size, options.batch ? size : PAGE_SIZE);
	measure_end();
	return region != 0 ? REGION_PAGES : 0;
}

bool
workload_move(void)
{
	return run_rounds(&(struct rounds){"regions moved", 16, 1, round});
}
