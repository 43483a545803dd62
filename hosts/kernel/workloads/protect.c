// SPDX-License-Identifier: MIT
/*
 * protect.c: a region that was written becomes read-only and writable again, over and over, while
 * the other threads of the process run on all CPUs. Taking the right away needs a flush, giving it
 * needs none: two workloads, each of which counts its half. policy=page does that half page by
 * page.
 */
#include "workload.h"

#define REGION_PAGES 256

static uintptr_t region;

static bool
protect(struct mm *mm, bool writable, bool batch)
{
	size_t size = REGION_PAGES * PAGE_SIZE;

	return mm_protect(mm, region, region + size, batch ? size : PAGE_SIZE, writable);
}

static bool
write_region(struct mm *mm)
{
	if (region == 0)
		region = mm_map_anonymous(mm, REGION_PAGES * PAGE_SIZE);
	return region != 0 && mm_populate(mm, region, region + REGION_PAGES * PAGE_SIZE, true);
}

static size_t
shrink(struct mm *mm, uint64_t *cycles)
{
	bool done;

	(void)cycles;
	if (!write_region(mm))
		return 0;
	measure_begin();
	done = protect(mm, false, options.batch);
	measure_end();
	return done && protect(mm, true, true) ? REGION_PAGES : 0;
}

/* grow: the cycles are of this half alone. */
static size_t
grow(struct mm *mm, uint64_t *cycles)
{
	bool done;

	if (!write_region(mm) || !protect(mm, false, true))
		return 0;
	mm->cycles = 0;
	measure_begin();
	done = protect(mm, true, options.batch);
	measure_end();
	*cycles += mm->cycles;
	mm->cycles = 0;
	return done ? REGION_PAGES : 0;
}

bool
workload_protect_shrink(void)
{
	return run_rounds(&(struct rounds){"regions protected", 16, 1, shrink});
}

bool
workload_protect_grow(void)
{
	return run_rounds(&(struct rounds){"regions made writable", 16, 16, grow});
}
