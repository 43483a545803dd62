// SPDX-License-Identifier: MIT
/* late.c: answers that come before the flush, and unmaps that wait for no answer. */
#include "check.h"

#define ROUNDS  4
#define PAGES   8
#define PATTERN 0xffff000000000000UL

/* ---- Answers ---- */

static uint64_t
answered_early(const struct prober *prober)
{
	return salvo_atomic_load(&port_cpus[prober->cpu].stats.nr_answered_early);
}

/* answers: how many early ones an unmap brings, which takes the page's table along, or not. */
static uint64_t
answers(struct prober *prober, bool table)
{
	uintptr_t at = mm_map_anonymous(prober->mm, 2 * HUGE_SIZE);
	uintptr_t end = at + 2 * HUGE_SIZE;
	uint64_t before = answered_early(prober);

	at = (at + HUGE_SIZE - 1) & -HUGE_SIZE;
	if (probe_store(prober, at, 2, PATTERN) != 0)
		panic("a prober cannot write its memory");
	if (!table)
		end = at + PAGE_SIZE;
	mm_unmap(prober->mm, at, end, end - at);
	if (probe_load(prober, at, 1, NULL) != 1) /* and so it is back in user mode */
		panic("a page is there that was unmapped");
	before = answered_early(prober) - before;
	if (!table)
		mm_unmap(prober->mm, end, end + HUGE_SIZE, HUGE_SIZE);
	return before;
}

/*
 * Does a CPU answer before it has flushed where leaves go that it cannot use before, and not where
 * a table goes in which it may walk, or kernel memory which it uses?
 */
static bool
early_answers(void)
{
	struct prober prober;
	uint64_t before;
	bool holds;

	prober_start(&prober, 1);
	holds = expect(answers(&prober, false) == 1, "early where a page goes");
	holds = expect(answers(&prober, true) == 0, "not where a table goes") && holds;
	before = answered_early(&prober);
	salvo_flush_page(&port_machine.kernel, DIRECT_MAP);
	holds = expect(answered_early(&prober) == before, "nor for kernel memory") && holds;
	prober_stop(&prober);
	return holds;
}

/* ---- Unmaps ---- */

/* map_apart: pages with tables of their own, that the prober has stored to. */
static uintptr_t
map_apart(struct prober *prober)
{
	uintptr_t at = mm_map_anonymous(prober->mm, 2 * HUGE_SIZE);

	at = (at + HUGE_SIZE - 1) & -HUGE_SIZE;
	if (probe_store(prober, at, PAGES + 1, PATTERN) != 0)
		panic("a prober cannot write its memory");
	return at;
}

/* unmap_late: PAGES of them, or all, so that their table goes too. */
static void
unmap_late(struct mm *mm, uintptr_t at, bool table)
{
	size_t size = table ? HUGE_SIZE : PAGES * PAGE_SIZE;

	options.later = true;
	mm_unmap(mm, at, at + size, size);
	options.later = false;
}

/* return_at_once: an unmap beside a CPU that answers nobody, one that does, and a lazy one. */
static bool
return_at_once(struct prober *silent, bool table)
{
	uintptr_t at = map_apart(silent), other;
	struct page *page = page_mapped(silent->mm, at);
	int64_t seen;
	bool holds;

	hold_begin(silent, at, 500000);
	unmap_late(silent->mm, at, table);
	sleep_ticks(3);
	other = mm_map_anonymous(silent->mm, PAGES * PAGE_SIZE);
	holds = expect(other >= at + PAGES * PAGE_SIZE || other + PAGES * PAGE_SIZE <= at,
		"nothing is mapped there before it is over");
	seen = hold_end(silent);
	holds = expect((seen & HOLD_OVER) != 0, "the unmap does not wait") && holds;
	holds = expect((seen & HOLD_FREED) == 0, "the page is not free before") && holds;
	mm_settle(silent->mm);
	holds = expect(page_refs(page) == 0, "it is free then") && holds;
	return expect(probe_load(silent, at, 1, NULL) == 1, "the load faults") && holds;
}

/*
 * Does an unmap that waits for nobody free the pages when all CPUs have answered, and not before?
 */
static bool
late_unmap(void)
{
	struct prober silent, quick, lazy;
	bool holds = true;

	grace_start();
	prober_start(&silent, 3);
	prober_join(&quick, &silent, 1);
	prober_join(&lazy, &silent, 2);
	prober_sleep(&lazy);
	for (unsigned round = 0; round < ROUNDS; round++)
		holds = return_at_once(&silent, round % 2 != 0) && holds;
	prober_wake(&lazy);
	prober_exit(&lazy);
	prober_exit(&quick);
	prober_stop(&silent);
	return holds;
}

/* Does one wait for which there is no room? */
static bool
late_room_used_up(void)
{
	uintptr_t at[LATE_UNMAPS + 1];
	struct prober prober;
	int64_t seen;
	bool holds;

	grace_start();
	prober_start(&prober, 1);
	for (unsigned i = 0; i < LATE_UNMAPS + 1; i++)
		at[i] = map_apart(&prober);
	hold_begin(&prober, at[0], 50000);
	for (unsigned i = 0; i < LATE_UNMAPS + 1; i++)
		unmap_late(prober.mm, at[i], true);
	seen = hold_end(&prober);
	holds = expect((seen & HOLD_OVER) == 0, "the last one waits");
	for (unsigned i = 0; i < LATE_UNMAPS + 1; i++)
		holds = expect(probe_load(&prober, at[i], 1, NULL) == 1, "the load faults") &&
			holds;
	prober_stop(&prober);
	return holds;
}

const struct check late_checks[] = {{"early-answers", early_answers}, {"late-unmap", late_unmap},
	{"late-room", late_room_used_up}, {NULL, NULL}};
