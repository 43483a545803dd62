// SPDX-License-Identifier: MIT
/* disk.c: what was written to a mapped file is on the disk, and no write is lost. */
#include "check.h"

#define ROUNDS 3
#define PAGES  16
#define FIRST  0x4444000000000000UL
#define SECOND 0x7777000000000000UL

/* on_disk: whether the first words of the file's first pages are value, value + 1, ... there. */
static bool
on_disk(unsigned pages, uint64_t value)
{
	struct page *page = page_alloc_reserved();
	uint64_t physical;
	bool same = page != NULL;

	if (page == NULL)
		panic("no memory to look at the disk");
	physical = frame_of(page) << PAGE_SHIFT;
	for (unsigned i = 0; i < pages; i++)
		same = disk_read(i, 1, &physical) && *(uint64_t *)page_memory(page) == value + i &&
		       same;
	page_put(page);
	return same;
}

static uintptr_t
map_written(struct prober *prober, uint64_t value)
{
	uintptr_t address = mm_map_file(prober->mm, 0, PAGES, true);

	if (address == 0 || probe_store(prober, address, PAGES, value) != 0)
		panic("a prober cannot write the file");
	return address;
}

/* Is what was written on the disk after a sync, and after the pages were reclaimed? */
static bool
written_is_on_disk(void)
{
	struct prober prober;
	uintptr_t at;
	uint64_t sum;
	bool holds;

	prober_start(&prober, 1);
	at = map_written(&prober, FIRST);
	file_sync();
	holds = expect(on_disk(PAGES, FIRST), "a sync writes it");
	probe_store(&prober, at, PAGES, SECOND);
	reclaim_pages(cache_pages());
	holds = expect(on_disk(PAGES, SECOND), "reclaim writes it") && holds;
	/* A store that reclaim did not see would be in a frame that is free, or somebody else's. */
	probe_store(&prober, at, PAGES, FIRST);
	holds = expect(probe_load(&prober, at, PAGES, &sum) == 0 &&
				sum == sum_of_stores(PAGES, FIRST),
			"it is read back") &&
		holds;
	file_sync();
	holds = expect(on_disk(PAGES, FIRST), "what is written after reclaim is written too") &&
		holds;
	prober_stop(&prober);
	return holds;
}

/* dirty_entries: of those that map the pages. */
static unsigned
dirty_entries(struct mm *mm, uintptr_t address)
{
	unsigned dirty = 0;

	for (unsigned i = 0; i < PAGES; i++)
		if ((mm_entry(mm, address + i * PAGE_SIZE) & ENTRY_DIRTY) != 0)
			dirty++;
	return dirty;
}

/* Is a page that was cleaned and is written again, by a CPU that has it as dirty in its TLB, found
 * dirty again? */
static bool
clean_then_write(void)
{
	struct prober prober;
	uintptr_t at;
	bool holds = true;

	prober_start(&prober, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		at = map_written(&prober, FIRST + round);
		file_sync();
		holds = expect(dirty_entries(prober.mm, at) == 0, "all are clean") && holds;
		probe_store(&prober, at, PAGES, SECOND + round);
		holds = expect(dirty_entries(prober.mm, at) == PAGES, "all are dirty again") &&
			holds;
		file_sync();
		holds = expect(on_disk(PAGES, SECOND + round), "the second write is there") &&
			holds;
		mm_unmap(prober.mm, at, at + PAGES * PAGE_SIZE, PAGES * PAGE_SIZE);
	}
	prober_stop(&prober);
	return holds;
}

/* Does an unmap pass on that pages are dirty, and keep their rmap as long as a CPU may write? */
static bool
unmap_dirty(void)
{
	struct prober prober;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	at = map_written(&prober, SECOND);
	hold_begin(&prober, at, 50000);
	mm_unmap(prober.mm, at, at + PAGES * PAGE_SIZE, PAGES * PAGE_SIZE);
	holds = expect((hold_end(&prober) & HOLD_UNMAPPED) == 0, "the rmap stays until the flush");
	reclaim_pages(cache_pages());
	holds = expect(on_disk(PAGES, SECOND), "it is on the disk") && holds;
	prober_stop(&prober);
	return holds;
}

/* unmap_in_hold: begin an unmap that cannot end yet; returns when it has marked the page dirty. */
static void
unmap_in_hold(struct prober *prober, uintptr_t address, struct page *page)
{
	uint64_t start = clock_microseconds();

	probe_call_begin(prober, SYS_UNMAP, address, PAGES);
	while (!page_has(page, PAGE_DIRTY) && clock_microseconds() - start < 1000000)
		cpu_relax();
}

/* Is a page dirty after its unmap, though write-back took the mark before the last CPU answered? */
static bool
write_beside_unmap(void)
{
	struct prober writer, other;
	struct page *page;
	uintptr_t at, frame;
	bool holds;

	prober_start(&writer, 1);
	prober_join(&other, &writer, 2);
	at = map_written(&writer, FIRST);
	file_sync();
	probe_store(&writer, at, PAGES, SECOND);
	page = cache_find(0);
	page_lock(page);
	frame = frame_of(page);
	hold_begin(&writer, at, 50000);
	unmap_in_hold(&other, at, page);
	holds = expect(write_frames(&frame, 1) == 1, "it is marked, and written");
	hold_end(&writer);
	probe_call_end(&other);
	holds = expect(page_has(page, PAGE_DIRTY), "it is marked again") && holds;
	page_unlock(page);
	page_put(page);
	prober_exit(&other);
	prober_stop(&writer);
	return holds;
}

const struct check disk_checks[] = {{"on-disk", written_is_on_disk},
	{"clean-then-write", clean_then_write}, {"unmap-dirty", unmap_dirty},
	{"write-beside-unmap", write_beside_unmap}, {NULL, NULL}};
