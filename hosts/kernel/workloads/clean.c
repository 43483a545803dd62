// SPDX-License-Identifier: MIT
/*
 * clean.c: write-back beside threads that never stop writing. A part of the file is mapped, a
 * thread on each CPU stores to every page of it, and all of it is brought to the disk, over and
 * over: its entries are write-protected, flushed, and only then the pages are written. policy=page
 * does that page by page, policy=batch for as many as a group holds. A page counts when it is
 * written.
 */
#include "workload.h"

#define PAGES      512
#define PAGES_PAGE 128

static struct crowd crowd;

static size_t
round(struct mm *mm, uint64_t *cycles)
{
	uint64_t written = writeback_stats.written, spent = writeback_stats.cycles;

	(void)mm;
	crowd_wait(&crowd, 2);
	measure_begin();
	file_sync();
	measure_end();
	*cycles += writeback_stats.cycles - spent;
	return writeback_stats.written - written;
}

bool
workload_clean(void)
{
	size_t pages = options.batch ? PAGES : PAGES_PAGE;
	uintptr_t address;
	bool passed;

	if (!disk_present() || file_pages() == 0 || file_pages() > disk_pages())
		panic("the disk does not hold a file of %lu bytes", options.bytes);
	if (pages > file_pages())
		pages = file_pages();
	crowd_create(&crowd);
	address = mm_map_file(process_mm(crowd.process), 0, pages, true);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		crowd_add(&crowd, cpu, address, pages, true);
	passed = run_rounds_in(&crowd, &(struct rounds){"pages written back", 8, 1, round});
	return crowd_end(&crowd) && passed;
}
