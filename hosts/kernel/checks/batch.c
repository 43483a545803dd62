// SPDX-License-Identifier: MIT
/* batch.c: how much one flush covers, and whom it asks. */
#include "check.h"

#define ROUNDS  3
#define PAGES   8
#define GROUPS  3
#define PATTERN 0x7777000000000000UL

/* ---- Groups of memory ---- */

/* read_groups: the prober has pages of several groups of memory, and reclaim finds nothing else. */
static void
read_groups(struct prober *prober)
{
	reclaim_pages(cache_pages());
	for (unsigned i = 0; i < GROUPS; i++) {
		uintptr_t at = mm_map_file_of(
			prober->mm, i + 1, i * DISK_MAX_PAGES, DISK_MAX_PAGES, false);

		if (at == 0 || probe_load(prober, at, DISK_MAX_PAGES, NULL) != 0)
			panic("a prober cannot read the file");
	}
}

/* reclaim_groups: all that was read, in one pass and with so many flushes. */
static bool
reclaim_groups(struct prober *prober, unsigned flushes)
{
	uint64_t asked, before, passes, groups;
	bool holds;

	read_groups(prober);
	asked = interrupts_received(prober->cpu);
	before = reclaim_stats.flushes;
	passes = reclaim_stats.passes;
	groups = reclaim_stats.groups;
	holds = expect(reclaim_pages(GROUPS * DISK_MAX_PAGES) == GROUPS * DISK_MAX_PAGES,
		"all pages are free when it is decided whether to go on");
	holds = expect(reclaim_stats.passes == passes + 1, "so one pass is enough") && holds;
	holds = expect(reclaim_stats.groups == groups + GROUPS, "over all groups") && holds;
	holds = expect(reclaim_stats.flushes == before + flushes, "with as many flushes") && holds;
	return expect(was_interrupted(prober->cpu, asked) &&
			       interrupts_received(prober->cpu) == asked + flushes,
		       "and interrupts") &&
	       holds;
}

/* Is one flush enough for all groups of memory, and is it made before their pages count as free? */
static bool
groups_share_flush(void)
{
	struct prober prober;
	bool holds;

	prober_start(&prober, 1);
	holds = reclaim_groups(&prober, 1);
	options.flush_groups = true;
	holds = reclaim_groups(&prober, GROUPS) && holds;
	options.flush_groups = false;
	prober_stop(&prober);
	return holds;
}

/* ---- CPUs ---- */

/* flush_without: of a page that two CPUs had when its entry was cleared; one is lazy by the time of
 * the flush, and the other one runs something else. */
static bool
flush_without(struct prober *lazy, struct prober *gone, uintptr_t at)
{
	struct page *page = cache_find(0);
	uintptr_t frame = frame_of(page);
	struct salvo_batch batch;
	struct prober other;
	uint64_t asked_lazy, asked_gone;
	bool holds;

	page_lock(page);
	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, &frame, 1);
	prober_sleep(lazy);
	prober_sleep(gone);
	prober_start(&other, gone->cpu);
	probe_call(&other, SYS_YIELD, 0, 0);
	asked_lazy = interrupts_received(lazy->cpu);
	asked_gone = interrupts_received(gone->cpu);
	salvo_batch_flush(&batch);
	page_unlock(page);
	page_put(page);
	holds = expect(!was_interrupted(lazy->cpu, asked_lazy), "the lazy CPU is left alone");
	holds = expect(!was_interrupted(gone->cpu, asked_gone), "so is the one that left") && holds;
	prober_stop(&other);
	prober_wake(lazy);
	prober_wake(gone);
	return expect(probe_load(lazy, at, 1, NULL) == 0 && probe_load(gone, at, 1, NULL) == 0,
		       "they read the page when they come back") &&
	       holds;
}

/* Is a batch's CPU set that of the flush, not of the clears? */
static bool
batch_asks_present(void)
{
	struct prober lazy, gone;
	bool holds = true;

	prober_start(&lazy, 1);
	prober_join(&gone, &lazy, 2);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uintptr_t at = mm_map_file(lazy.mm, 0, 1, false);

		holds = expect(probe_load(&lazy, at, 1, NULL) == 0 &&
					probe_load(&gone, at, 1, NULL) == 0,
				"both read the page") &&
			holds;
		holds = flush_without(&lazy, &gone, at) && holds;
		mm_unmap(lazy.mm, at, at + PAGE_SIZE, PAGE_SIZE);
	}
	prober_exit(&gone);
	prober_stop(&lazy);
	return holds;
}

/* ---- Size ---- */

/* unmap_pages: so many, and what the prober's CPU has flushed then. */
static bool
unmap_pages(struct prober *prober, unsigned pages, uint64_t one, uint64_t all, const char *what)
{
	const struct salvo_stats *stats = &port_cpus[prober->cpu].stats;
	uintptr_t at = map_stored(prober, pages + 1, PATTERN), end = at + pages * PAGE_SIZE;

	one += salvo_atomic_load(&stats->nr_tlb_local_flush_one);
	all += salvo_atomic_load(&stats->nr_tlb_local_flush_all);
	mm_unmap(prober->mm, at, end, end - at); /* the page behind keeps the table */
	probe_load(
		prober, end, 1, NULL); /* it may have answered first, but is in user mode again */
	return expect(salvo_atomic_load(&stats->nr_tlb_local_flush_one) == one &&
			      salvo_atomic_load(&stats->nr_tlb_local_flush_all) == all,
		what);
}

/* Are pages flushed one by one up to the ceiling, and all of the space past it? */
static bool
flush_ceiling(void)
{
	unsigned ceiling = port_machine.flush_ceiling;
	struct prober prober;
	bool holds;

	prober_start(&prober, 1);
	holds = unmap_pages(&prober, ceiling, ceiling, 0, "up to the ceiling one by one");
	holds = unmap_pages(&prober, ceiling + 1, 0, 1, "past it all at once") && holds;
	prober_stop(&prober);
	return holds;
}

const struct check batch_checks[] = {{"groups-share-flush", groups_share_flush},
	{"batch-asks-present", batch_asks_present}, {"flush-ceiling", flush_ceiling}, {NULL, NULL}};
