// SPDX-License-Identifier: MIT
/*
 * beside.c: a region is made writable in a space that reclaim works on: it has cleared entries of
 * the file there, and goes on collecting before it flushes. What the region's own entries need is
 * no flush at all. With a mark in each page table the library sees that none of reclaim's entries
 * is in the region's tables; with one for the space (marks=0) it cannot tell, and flushes: once for
 * each gather, a page's (policy=page) or the region's (policy=batch).
 */
#include "workload.h"

#define REGION_PAGES 256
#define FILE_PAGES   32

static uintptr_t region, file;

static uint64_t
file_part(void)
{
	return file_pages() < FILE_PAGES ? file_pages() : FILE_PAGES;
}

/* set_up: at addresses whose page tables differ. */
static bool
set_up(struct mm *mm)
{
	if (region != 0)
		return true;
	if (!disk_present() || file_pages() == 0 || file_pages() > disk_pages())
		panic("the disk does not hold a file of %lu bytes", options.bytes);
	file = mm_map_file(mm, 0, file_part(), false);
	region = mm_map_anonymous(mm, 2 * HUGE_SIZE);
	if (file == 0 || region == 0)
		return false;
	region = (region + HUGE_SIZE - 1) & -HUGE_SIZE;
	return true;
}

/* grow: what is measured. */
static bool
grow(struct mm *mm)
{
	size_t size = REGION_PAGES * PAGE_SIZE;
	bool done;

	mm->cycles = 0;
	measure_begin();
	done = mm_protect(mm, region, region + size, options.batch ? size : PAGE_SIZE, true);
	measure_end();
	return done;
}

static size_t
round(struct mm *mm, uint64_t *cycles)
{
	uintptr_t frames[FILE_PAGES];
	uint64_t first = 0;
	struct salvo_batch batch;
	size_t size = REGION_PAGES * PAGE_SIZE, count;
	bool done;

	if (!set_up(mm) || !mm_populate(mm, region, region + size, true) ||
		!mm_protect(mm, region, region + size, size, false) ||
		!mm_populate(mm, file, file + file_part() * PAGE_SIZE, false))
		return 0;
	count = cache_collect(&first, frames, FILE_PAGES, true);
	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, frames, count);
	done = grow(mm);
	*cycles += mm->cycles;
	mm->cycles = 0;
	salvo_batch_flush(&batch);
	for (size_t i = 0; i < count; i++) {
		page_unlock(page_of(frames[i]));
		page_put(page_of(frames[i]));
	}
	return done ? REGION_PAGES : 0;
}

bool
workload_beside(void)
{
	return run_rounds(&(struct rounds){"regions made writable beside reclaim", 16, 1, round});
}
