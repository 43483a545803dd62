// SPDX-License-Identifier: MIT
/*
 * merge.c: two regions hold the same; their pages become one each, read-only, while the other
 * threads of the process run on all CPUs. policy=page merges page by page, two flushes each;
 * policy=batch write-protects all with one flush, and takes out 32 pages with one.
 */
#include "workload.h"

#define REGION_PAGES 256

static size_t
round(struct mm *mm, uint64_t *cycles)
{
	size_t size = REGION_PAGES * PAGE_SIZE, merged;
	uintptr_t keep = mm_map_anonymous(mm, size), other = mm_map_anonymous(mm, size);
	uint64_t before;

	if (keep == 0 || other == 0 || !mm_populate(mm, keep, keep + size, true) ||
		!mm_populate(mm, other, other + size, true))
		return 0;
	before = mm->cycles;
	measure_begin();
	merged = mm_merge(mm, keep, other, size, options.batch ? size : PAGE_SIZE);
	measure_end();
	*cycles += mm->cycles - before;
	if (!mm_unmap(mm, keep, keep + size, size) || !mm_unmap(mm, other, other + size, size))
		return 0;
	mm->cycles = 0;
	return merged;
}

bool
workload_merge(void)
{
	return run_rounds(&(struct rounds){"regions merged", 16, 1, round});
}
