// SPDX-License-Identifier: MIT
/*
 * table_free.c: regions of 2 MiB with one page in each are unmapped, so that every page takes its
 * page table along, while the other threads of the process run on all CPUs. policy=page uses a
 * gather for each region, policy=batch one for all. Lazy CPUs must be asked too.
 */
#include "workload.h"

#define REGIONS 16

static size_t
round(struct mm *mm, uint64_t *cycles)
{
	uintptr_t start = mm_map_anonymous(mm, REGIONS * HUGE_SIZE);
	uintptr_t end = start + REGIONS * HUGE_SIZE;
	bool done;

	(void)cycles;
	for (uintptr_t at = start; start != 0 && at < end; at += HUGE_SIZE)
		if (!mm_populate(mm, at, at + PAGE_SIZE, true))
			return 0;
	if (start == 0)
		return 0;
	measure_begin();
	done = mm_unmap(mm, start, end, options.batch ? end - start : HUGE_SIZE);
	mm_settle(mm);
	measure_end();
	return done ? REGIONS : 0;
}

bool
workload_table_free(void)
{
	return run_rounds(&(struct rounds){"regions with their tables", 16, 4, round});
}
