// SPDX-License-Identifier: MIT
/*
 * limits.c: two jobs where there is nothing to win, and nothing may be lost.
 *
 * no-pressure reads pages of the file into memory that has room for them, reclaim's thread being
 * there: nobody is interrupted. A page counts when it is mapped.
 *
 * not-resident reclaims pages that are in no CPU's TLB: threads on all CPUs have read them, but
 * have ended, and those of another process run: nobody is interrupted. A page counts when reclaim
 * took out its entry.
 */
#include "workload.h"

#define PAGES 256

static uint64_t
part(void)
{
	uint64_t pages = frames_total() / 32;

	if (!disk_present() || file_pages() == 0 || file_pages() > disk_pages())
		panic("the disk does not hold a file of %lu bytes", options.bytes);
	if (pages > PAGES)
		pages = PAGES;
	return pages < file_pages() ? pages : file_pages();
}

/* read_part: the next pages of the file are mapped and read. */
static size_t
read_part(struct mm *mm, uint64_t *cycles)
{
	static uint64_t first;
	uint64_t pages = part(), spent = reclaim_stats.cycles;
	uintptr_t address;
	bool done;

	if (first + pages > file_pages())
		first = 0;
	address = mm_map_file(mm, first, pages, false);
	first += pages;
	measure_begin();
	done = address != 0 && mm_populate(mm, address, address + pages * PAGE_SIZE, false);
	reclaim_wake();
	measure_end();
	*cycles += reclaim_stats.cycles - spent;
	return done ? pages : 0;
}

bool
workload_no_pressure(void)
{
	reclaim_start();
	return run_rounds(&(struct rounds){"parts of the file read", 8, 8, read_part});
}

static struct crowd readers;

/* read_and_leave: threads on all CPUs have read a part of the file, and ended. */
static bool
read_and_leave(void)
{
	uint64_t pages = part();
	uintptr_t address;

	crowd_create(&readers);
	address = mm_map_file(process_mm(readers.process), 0, pages, false);
	for (unsigned cpu = 0; cpu < cpu_count(); cpu++)
		crowd_add(&readers, cpu, address, pages, false);
	crowd_wait(&readers, 2);
	return crowd_leave(&readers);
}

static size_t
reclaim_all(struct mm *mm, uint64_t *cycles)
{
	uint64_t cleared = rmap_cleared(), spent = reclaim_stats.cycles;

	(void)mm;
	measure_begin();
	reclaim_pages(cache_pages());
	measure_end();
	*cycles += reclaim_stats.cycles - spent;
	return rmap_cleared() - cleared;
}

bool
workload_not_resident(void)
{
	bool passed = read_and_leave();

	passed =
		run_rounds(&(struct rounds){"times all is reclaimed", 1, 1, reclaim_all}) && passed;
	process_destroy(readers.process);
	return passed;
}
