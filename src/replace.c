// SPDX-License-Identifier: MIT
/*
 * replace.c: give addresses other pages, or the same pages in another way: copy-on-write,
 * migration, two equal pages that become one, a huge leaf that becomes a table.
 *
 *   1. under the table's lock: clear up to REPLACE_MOST entries   clear_some
 *   2. flush
 *   3. ask the host for what comes in place of each, set it       settle
 *   4. free the pages that are not mapped any more, later, as an unmap does
 *
 * Must never set an entry of another page before every CPU has forgotten the old one (invariant 1):
 * a CPU would read from the old page what another has written to the new one. Between 2 and 3
 * nobody can read or write the page at this address: whoever tries faults, and waits for the lock.
 * So that is when the host compares or copies.
 *
 * All that was cleared is set before the lock goes, so there must be room in the gather for as many
 * pages before they are cleared.
 */
#include "internal.h"

enum { REPLACE_MOST = 32 };

/* Entries of one table that are absent, and what was there. */
struct cleared {
	unsigned count;
	struct {
		uintptr_t address;
		salvo_pte pte;
	} leaves[REPLACE_MOST];
};

/* What was cleared was written to, if Dirty may not say so. */
static void
clear_some(struct salvo_gather *gather, struct salvo_sweep *sweep, struct cleared *cleared)
{
	size_t room = salvo_gather_room(gather, REPLACE_MOST);

	cleared->count = 0;
	while (cleared->count < room && salvo_sweep_leaf(sweep)) {
		salvo_pte pte = salvo_atomic_exchange(sweep->entry, 0);

		salvo_note_change(gather, sweep, pte, 0);
		if (salvo_may_be_dirty(pte, sweep->unflushed))
			pte = salvo_arch_pte_written(pte);
		cleared->leaves[cleared->count].address = sweep->address;
		cleared->leaves[cleared->count++].pte = pte;
	}
}

/* give_up: the page is not mapped here any more; its entry is flushed. As clear_leaf of unmap.c. */
static bool
give_up(struct salvo_gather *gather, salvo_pte pte, unsigned level)
{
	struct salvo_run run = {.frame = salvo_arch_pte_frame(pte, level),
		.count = (uint32_t)1 << (SALVO_LEVEL_SHIFT(level) - SALVO_ARCH_PAGE_SHIFT)};

	if (salvo_arch_pte_dirty(pte))
		(void)salvo_port_page_dirty(run.frame, run.count);
	if (salvo_arch_pte_accessed(pte))
		salvo_port_page_accessed(run.frame, run.count);
	return salvo_gather_run(gather, &run);
}

/* settle: set what the host wants. Whether the gather has room for more pages. */
static bool
settle(struct salvo_gather *gather, const struct salvo_sweep *sweep, const struct cleared *cleared,
	salvo_replace_visit *next, void *context)
{
	bool room = true;

	for (unsigned i = 0; i < cleared->count; i++) {
		uintptr_t address = cleared->leaves[i].address;
		salvo_pte old = cleared->leaves[i].pte;
		salvo_pte pte = next(address, old, sweep->level, context);

		salvo_atomic_store_release(
			salvo_table_entry(sweep->table, address, sweep->level), pte);
		if (!salvo_arch_pte_present(pte) ||
			(salvo_arch_pte_leaf(pte, sweep->level) &&
				salvo_arch_pte_frame(pte, sweep->level) !=
					salvo_arch_pte_frame(old, sweep->level)))
			room = give_up(gather, old, sweep->level);
	}
	return room;
}

/* replace_table: as much of one table as the gather has room for; whether there was enough. */
static bool
replace_table(struct salvo_gather *gather, struct salvo_sweep *sweep, salvo_replace_visit *next,
	void *context)
{
	struct cleared cleared;
	bool room;

	do {
		clear_some(gather, sweep, &cleared);
		salvo_gather_flush_tlb(gather);
		room = settle(gather, sweep, &cleared, next, context);
	} while (room && cleared.count != 0);
	salvo_gather_remove_rmap(gather);
	return room;
}

enum salvo_status
salvo_replace(struct salvo_gather *gather, uintptr_t start, uintptr_t end,
	salvo_replace_visit *next, void *context)
{
	struct salvo_sweep sweep;

	salvo_sweep_begin(&sweep, gather, start, end);
	while (salvo_sweep_table(&sweep)) {
		bool room;

		salvo_sweep_lock(&sweep);
		room = replace_table(gather, &sweep, next, context);
		salvo_sweep_unlock(&sweep);
		if (!room)
			salvo_gather_flush(gather);
	}
	return sweep.splits ? SALVO_SPLITS_LEAF : SALVO_OK;
}
