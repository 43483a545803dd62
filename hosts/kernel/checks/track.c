// SPDX-License-Identifier: MIT
/* track.c: pages that are tracked show what happens to them, and a right that grows asks nobody. */
#include "check.h"

#define ROUNDS  3
#define PAGES   8
#define PATTERN 0xbbbb000000000000UL

/* track: => mm.lock */
static void
track(struct mm *mm, uintptr_t at, size_t pages, unsigned what)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &mm->space, at, at + pages * PAGE_SIZE);
	salvo_track(&gather, at, at + pages * PAGE_SIZE, what);
	salvo_gather_finish(&gather);
}

/* clean: a page, as write-back does it: by its rmap. */
static void
clean(struct page *page)
{
	uintptr_t frame = frame_of(page);
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	salvo_clean(&batch, &frame, 1);
	salvo_batch_flush(&batch);
}

/* stop_stores: one round: clean a page that is stored to all the time, and look at it before a
 * fault may make its entry dirty again. */
static bool
stop_stores(struct storer *storer, struct page *page, bool by_rmap)
{
	bool holds;

	mutex_lock(&storer->mm->lock);
	if (by_rmap)
		clean(page);
	else
		track(storer->mm, storer->at, 1, SALVO_TRACK_DIRTY);
	holds = expect(page_clear(page, PAGE_DIRTY), "the page knows that it is dirty");
	holds = expect(!store_slips(page), "nobody stores any more when it may be written out") &&
		holds;
	mutex_unlock(&storer->mm->lock);
	holds = expect(stores_come(page), "then they come again") && holds;
	return expect((mm_entry(storer->mm, storer->at) & ENTRY_DIRTY) != 0,
		       "and the entry tells") &&
	       holds;
}

/* May a page be written out when it was cleaned: has every CPU that stored to it stopped? */
static bool
clean_waits(void)
{
	struct storer storer;
	struct page *page;
	bool holds = true;

	storer_start_file(&storer, 1);
	page = cache_find(0);
	page_lock(page);
	for (unsigned round = 0; round < ROUNDS; round++) {
		holds = stop_stores(&storer, page, true) && holds;
		holds = stop_stores(&storer, page, false) && holds;
	}
	page_unlock(page);
	page_put(page);
	return storer_stop(&storer) && holds;
}

/* accessed_entries: of those that map the pages. */
static unsigned
accessed_entries(struct mm *mm, uintptr_t address)
{
	unsigned accessed = 0;

	for (unsigned i = 0; i < PAGES; i++)
		if ((mm_entry(mm, address + i * PAGE_SIZE) & ENTRY_ACCESSED) != 0)
			accessed++;
	return accessed;
}

/* Does a CPU that has pages in its TLB show that it uses them again? */
static bool
track_accessed(void)
{
	struct prober prober;
	uintptr_t at;
	bool holds = true;

	prober_start(&prober, 1);
	at = map_stored(&prober, PAGES, PATTERN);
	for (unsigned round = 0; round < ROUNDS; round++) {
		mutex_lock(&prober.mm->lock);
		track(prober.mm, at, PAGES, SALVO_TRACK_ACCESSED);
		mutex_unlock(&prober.mm->lock);
		holds = expect(accessed_entries(prober.mm, at) == 0, "none was used") && holds;
		probe_load(&prober, at, PAGES, NULL);
		holds = expect(accessed_entries(prober.mm, at) == PAGES, "all were") && holds;
	}
	prober_stop(&prober);
	return holds;
}

/* Is nobody interrupted when a right is given, and may it be used? */
static bool
growth_is_free(void)
{
	struct prober prober;
	uintptr_t at, end;
	bool holds = true;

	prober_start(&prober, 1);
	at = map_stored(&prober, PAGES, PATTERN);
	end = at + PAGES * PAGE_SIZE;
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t before;

		mm_protect(prober.mm, at, end, end - at, false);
		probe_load(&prober, at, PAGES, NULL);
		before = interrupts_received(1);
		mm_protect(prober.mm, at, end, end - at, true);
		holds = expect(interrupts_received(1) == before, "the CPU is left alone") && holds;
		holds = expect(probe_store(&prober, at, PAGES, PATTERN) == 0, "it may store") &&
			holds;
	}
	prober_stop(&prober);
	return holds;
}

const struct check track_checks[] = {{"clean-waits", clean_waits},
	{"track-accessed", track_accessed}, {"growth-is-free", growth_is_free}, {NULL, NULL}};
