// SPDX-License-Identifier: MIT
/*
 * table_free.c: regions of 2 MiB with one page in each are unmapped, so that every page takes its
 * page table along, while the other threads of the process run on all CPUs. policy=page uses a
 * gather for each region, policy=batch one for all. Lazy CPUs must be asked too.
 */
#include "workload.h"

#define REGIONS 16
#define ROUNDS  16

static size_t
round(struct mm *mm)
{
	uintptr_t start = mm_map_anonymous(mm, REGIONS * HUGE_SIZE);
	uintptr_t end = start + REGIONS * HUGE_SIZE;

	for (uintptr_t at = start; start != 0 && at < end; at += HUGE_SIZE)
		if (!mm_populate(mm, at, at + PAGE_SIZE, true))
			return 0;
	if (start == 0 || !mm_unmap(mm, start, end, options.batch ? end - start : HUGE_SIZE))
		return 0;
	return REGIONS;
}

bool
workload_table_free(void)
{
	return run_rounds("regions with their tables", ROUNDS, round);
}
