// SPDX-License-Identifier: MIT
/* change.c: pages that move, are copied, merged or collapsed are in one place at a time. */
#include "check.h"

#define ROUNDS  3
#define PAGES   8
#define PATTERN 0x9999000000000000UL
#define OTHER   0xaaaa000000000000UL

/* ---- Move ---- */

/* move_pending: move, and look at the old address before the gather is finished. The destination's
 * table is there: the page behind is mapped. */
static bool
move_pending(struct prober *prober)
{
	size_t size = PAGES * PAGE_SIZE;
	uintptr_t from = map_stored(prober, PAGES, PATTERN), to;
	struct salvo_gather gather;
	uint64_t sum;
	bool holds;

	to = mm_map_anonymous(prober->mm, size + PAGE_SIZE);
	probe_store(prober, to + size, 1, PATTERN);
	mutex_lock(&prober->mm->lock);
	salvo_gather_begin(&gather, &prober->mm->space, from, from + size);
	holds = expect(salvo_move(&gather, from, to, size) == SALVO_OK, "they move");
	mutex_unlock(&prober->mm->lock);
	holds = expect(probe_load(prober, from, PAGES, &sum) == 0 && sum == 0,
			"nothing is left at the old address when the locks are dropped") &&
		holds;
	salvo_gather_finish(&gather);
	holds = expect(probe_load(prober, to, PAGES, &sum) == 0 &&
				sum == sum_of_stores(PAGES, PATTERN),
			"all is at the new one") &&
		holds;
	mm_unmap(prober->mm, from, from + size, size);
	mm_unmap(prober->mm, to, to + size + PAGE_SIZE, size + PAGE_SIZE);
	return holds;
}

/* Does a move flush before it drops the tables' locks? */
static bool
move_flushes(void)
{
	struct prober prober;
	bool holds = true;

	prober_start(&prober, 1);
	for (unsigned round = 0; round < ROUNDS; round++)
		holds = move_pending(&prober) && holds;
	prober_stop(&prober);
	return holds;
}

/* Does an area that moves take along its pages, dirty ones of the file too, and its tables go? */
static bool
move_area(void)
{
	size_t size = PAGES * PAGE_SIZE, before;
	struct prober prober;
	uintptr_t from, to;
	uint64_t sum;
	bool holds;

	prober_start(&prober, 1);
	probe_call(&prober, SYS_YIELD, 0, 0); /* now its stack is there */
	before = frames_free();
	from = map_stored(&prober, PAGES, PATTERN);
	to = mm_move(prober.mm, from, size, size);
	holds = expect(to != 0 && to != from, "it moves");
	holds = expect(probe_load(&prober, from, PAGES, NULL) == PAGES, "every load faults") &&
		holds;
	holds = expect(probe_load(&prober, to, PAGES, &sum) == 0 &&
				sum == sum_of_stores(PAGES, PATTERN),
			"all is at the new address") &&
		holds;
	mm_unmap(prober.mm, to, to + size, size);
	holds = expect(frames_free() == before, "no frame is lost") && holds;
	from = mm_map_file(prober.mm, 0, PAGES, true);
	probe_store(&prober, from, PAGES, PATTERN);
	to = mm_move(prober.mm, from, size, PAGE_SIZE);
	holds = expect((mm_entry(prober.mm, to) & ENTRY_DIRTY) != 0, "it is dirty there") && holds;
	reclaim_pages(cache_pages());
	holds = expect(probe_load(&prober, to, PAGES, &sum) == 0 &&
				sum == sum_of_stores(PAGES, PATTERN),
			"reclaim finds it, and writes it") &&
		holds;
	prober_stop(&prober);
	return holds;
}

/* ---- Replace ---- */

struct watch {
	struct page *copy;
	bool stored; /* to the old page, after it was copied */
};

/* copy_and_watch: a salvo_replace_visit. */
static salvo_pte
copy_and_watch(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	struct watch *watch = context;
	struct page *page = page_of(salvo_arch_pte_frame(old, level));

	(void)address;
	memcpy(page_memory(watch->copy), page_memory(page), PAGE_SIZE);
	watch->stored = store_slips(page);
	atomic_store(&watch->copy->mapcount, 1);
	return (old & ~(salvo_pte)(frame_of(page) << PAGE_SHIFT)) | frame_of(watch->copy)
									    << PAGE_SHIFT;
}

/* Does nobody store to a page while it is replaced by its copy, and all to the copy then? */
static bool
replace_waits(void)
{
	struct storer storer;
	bool holds = true;

	storer_start(&storer, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct watch watch = {.copy = page_alloc()};
		struct salvo_gather gather;

		if (watch.copy == NULL)
			panic("no memory for a copy");
		mutex_lock(&storer.mm->lock);
		salvo_gather_begin(&gather, &storer.mm->space, storer.at, storer.at + PAGE_SIZE);
		salvo_replace(&gather, storer.at, storer.at + PAGE_SIZE, copy_and_watch, &watch);
		salvo_gather_finish(&gather);
		mutex_unlock(&storer.mm->lock);
		holds = expect(!watch.stored, "nobody stores to the page that is copied") && holds;
		holds = expect(stores_come(watch.copy), "stores go to the copy") && holds;
	}
	return storer_stop(&storer) && holds;
}

/* give_nothing: a salvo_replace_visit. */
static salvo_pte
give_nothing(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	(void)address;
	(void)old;
	(void)level;
	(void)context;
	return 0;
}

/* Is a page of the file that was written dirty when its entry was replaced? */
static bool
replace_dirty(void)
{
	struct prober prober;
	struct salvo_gather gather;
	struct page *page;
	uintptr_t at;
	bool holds;

	prober_start(&prober, 1);
	file_sync();
	at = mm_map_file(prober.mm, 0, 1, true);
	holds = expect(probe_store(&prober, at, 1, PATTERN) == 0, "it may store");
	page = cache_find(0);
	holds = expect(!page_has(page, PAGE_DIRTY), "the entry alone knows") && holds;
	mutex_lock(&prober.mm->lock);
	salvo_gather_begin(&gather, &prober.mm->space, at, at + PAGE_SIZE);
	salvo_replace(&gather, at, at + PAGE_SIZE, give_nothing, NULL);
	salvo_gather_finish(&gather);
	mutex_unlock(&prober.mm->lock);
	holds = expect(page_has(page, PAGE_DIRTY), "the page knows") && holds;
	page_put(page);
	prober_stop(&prober);
	return holds;
}

/* Are equal pages merged, unequal ones not, and is what one writes then not seen by the other? */
static bool
merge_and_copy(void)
{
	size_t size = PAGES * PAGE_SIZE, before;
	struct prober prober;
	uintptr_t keep, other;
	uint64_t sum;
	bool holds;

	prober_start(&prober, 1);
	keep = map_stored(&prober, PAGES, PATTERN);
	other = map_stored(&prober, PAGES, PATTERN);
	probe_store(&prober, other, 1, OTHER);
	before = frames_free();
	holds = expect(mm_merge(prober.mm, keep, other, size, size) == PAGES - 1, "all but one");
	holds = expect(frames_free() == before + PAGES - 1, "their frames are free") && holds;
	holds = expect(probe_load(&prober, keep, PAGES, &sum) == 0 &&
				sum == sum_of_stores(PAGES, PATTERN),
			"the pages hold what they held") &&
		holds;
	holds = expect(probe_store(&prober, keep + PAGE_SIZE, PAGES - 1, OTHER) == 0,
			"they may be written") &&
		holds;
	holds = expect(probe_load(&prober, other, PAGES, &sum) == 0 &&
				sum == sum_of_stores(PAGES, PATTERN) + OTHER - PATTERN,
			"the other's are as before") &&
		holds;
	holds = expect(frames_free() == before, "each has its own again") && holds;
	prober_stop(&prober);
	return holds;
}

/* ---- Collapse ---- */

/* watch_first: a salvo_collapse_make that leaves everything as it was. */
static salvo_pte
watch_first(const struct salvo_word *entries, void *stored)
{
	*(bool *)stored = store_slips(page_of(salvo_arch_pte_frame(salvo_atomic_load(entries), 1)));
	return 0;
}

/* Does nobody store to pages that are about to become a huge one? */
static bool
collapse_waits(void)
{
	struct storer storer;
	bool holds = true;

	storer_start(&storer, 1);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct salvo_gather gather;
		bool stored = true;

		mutex_lock(&storer.mm->lock);
		salvo_gather_begin(&gather, &storer.mm->space, storer.at, storer.at + HUGE_SIZE);
		salvo_collapse(&gather, storer.at, watch_first, &stored);
		salvo_gather_finish(&gather);
		mutex_unlock(&storer.mm->lock);
		holds = expect(!stored, "nobody stores to pages that are copied") && holds;
		holds = expect(stores_come(page_mapped(storer.mm, storer.at)), "then they may") &&
			holds;
	}
	return storer_stop(&storer) && holds;
}

/* Does a huge page hold what the small ones held, which are free then? */
static bool
collapse_and_use(void)
{
	struct storer storer;
	struct prober prober;
	uintptr_t end;
	size_t before;
	uint64_t sum;
	bool holds;

	storer_start(&storer, 2);
	prober = (struct prober){.process = storer.process};
	prober_join(&prober, &prober, 1);
	end = storer.at + HUGE_SIZE;
	holds = expect(!mm_collapse(storer.mm, storer.at), "not if a page is missing");
	holds = expect(probe_store(&prober, storer.at + PAGE_SIZE, HUGE_FRAMES - 1, PATTERN) == 0,
			"it may store") &&
		holds;
	before = frames_free();
	holds = expect(mm_collapse(storer.mm, storer.at), "it collapses") && holds;
	holds = expect(frames_free() == before + 1, "small pages and their table are free") &&
		holds;
	holds = expect(probe_load(&prober, storer.at + PAGE_SIZE, HUGE_FRAMES - 1, &sum) == 0 &&
				sum == sum_of_stores(HUGE_FRAMES - 1, PATTERN),
			"all is there") &&
		holds;
	prober_exit(&prober);
	holds = expect(mm_unmap(storer.mm, end, end + PAGE_SIZE, PAGE_SIZE), "the rest is there") &&
		holds;
	return storer_stop(&storer) && holds;
}

const struct check change_checks[] = {{"move-flushes", move_flushes}, {"move-area", move_area},
	{"replace-waits", replace_waits}, {"replace-dirty", replace_dirty},
	{"merge-and-copy", merge_and_copy}, {"collapse-waits", collapse_waits},
	{"collapse-and-use", collapse_and_use}, {NULL, NULL}};
