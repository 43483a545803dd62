// SPDX-License-Identifier: MIT
/*
 * beside.c: what needs no flush makes none, though others have not flushed elsewhere in the space.
 */
#include "check.h"

#define ROUNDS  3
#define PAGES   8
#define PATTERN 0xdddd000000000000UL

/* A region with page tables of its own. */
static uintptr_t
map(struct prober *prober)
{
	uintptr_t at = mm_map_anonymous(prober->mm, 3 * HUGE_SIZE);

	return (at + HUGE_SIZE - 1) & -HUGE_SIZE;
}

static bool
protect(struct mm *mm, uintptr_t at, bool writable)
{
	return mm_protect(mm, at, at + PAGES * PAGE_SIZE, PAGES * PAGE_SIZE, writable);
}

/*
 * change_freely: a right is given, and a region unmapped that nothing was mapped at; how many
 * flushes were requested.
 */
static uint64_t
change_freely(struct prober *prober, uintptr_t region)
{
	struct mm *mm = prober->mm;
	uintptr_t empty = map(prober);
	uint64_t before = salvo_atomic_load(&mm->space.gen);

	if (!protect(mm, region, true) || !mm_unmap(mm, empty, empty + HUGE_SIZE, HUGE_SIZE))
		panic("a region cannot be changed");
	return salvo_atomic_load(&mm->space.gen) - before;
}

/* beside_reclaim: reclaim has cleared an entry of the file. */
static bool
beside_reclaim(struct prober *prober, uintptr_t file, uintptr_t region)
{
	struct salvo_batch batch;
	struct page *page;
	uintptr_t frame;
	bool holds;

	probe_load(prober, file, 1, NULL);
	page = cache_find(0);
	frame = frame_of(page);
	page_lock(page);
	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, &frame, 1);
	holds = expect(mm_entry(prober->mm, file) == 0, "reclaim clears the entry");
	holds = expect(change_freely(prober, region) == 0, "no flush beside reclaim") && holds;
	salvo_batch_flush(&batch);
	page_unlock(page);
	page_put(page);
	return holds;
}

/* beside_merge: a merge has write-protected what it keeps. */
static bool
beside_merge(struct prober *prober, uintptr_t keep, uintptr_t region)
{
	struct salvo_gather gather;
	uintptr_t end = keep + PAGES * PAGE_SIZE;
	bool holds;

	salvo_gather_begin(&gather, &prober->mm->space, keep, end);
	salvo_protect(&gather, keep, end, 0);
	holds = expect(change_freely(prober, region) == 0, "nor beside a merge");
	salvo_gather_finish(&gather);
	protect(prober->mm, keep, true);
	return holds;
}

/* Does whoever changes one table not flush for the entries that others have cleared elsewhere? */
static bool
beside_saves(void)
{
	struct prober prober;
	uintptr_t region, keep, file;
	bool holds = true;

	prober_start(&prober, 1);
	region = map(&prober);
	keep = map(&prober);
	file = mm_map_file(prober.mm, 0, 1, false);
	holds = expect(probe_store(&prober, region, PAGES, PATTERN) == 0 &&
			       probe_store(&prober, keep, PAGES, PATTERN) == 0,
		"it may store");
	for (unsigned round = 0; round < ROUNDS; round++) {
		protect(prober.mm, region, false);
		holds = beside_reclaim(&prober, file, region) && holds;
		protect(prober.mm, region, false);
		holds = beside_merge(&prober, keep, region) && holds;
	}
	prober_stop(&prober);
	return holds;
}

const struct check beside_checks[] = {{"beside-saves", beside_saves}, {NULL, NULL}};
