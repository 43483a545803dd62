// SPDX-License-Identifier: MIT
/*
 * unmap.c: take mappings, and then the tables that held them, out of a space. The order of steps is
 * the gather's, see gather.c.
 *
 * How long may a batch be when pages are dirty? Clean pages, and pages that die with their mapping,
 * are flushed once for the whole gather. A dirty page whose content outlives the mapping is flushed
 * before its table's lock is dropped. If it were later:
 *
 *         unmap                              write-back, then a CPU that syncs what it stored
 *         lock; pte = 0; mark dirty; unlock
 *                                            lock; no entry; unlock: take the mark, write out
 *                                            store through the old entry
 *                                            sync: no entry, no mark: returns
 *         flush; mark dirty again; remove the rmap
 *
 *    No store would be lost for good: the second mark brings the page back, and until the rmap goes
 *    nobody takes it for unmapped. But a sync that came after the store has missed it. Under the
 *    lock whoever cleans the page waits for its table, so for the flush and the second mark.
 *    The condition for a longer batch is therefore: the rmap goes after the flush and the second
 *    mark, and nobody calls the page clean in between. A host in which write-back compares how
 *    often a page is mapped with the entries that it found, and waits if some are missing, keeps
 *    it; salvo_clean asks no host for that, and so a table is the longest safe batch. Reclaim's is
 *    longer: there the host holds the pages' locks, which write-back and sync wait for.
 */
#include "internal.h"

/*
 * clear_leaf: the entry goes in one exchange, so that a Dirty bit which hardware sets until then is
 * seen (invariant 2). Returns whether the gather has room for another page.
 */
static bool
clear_leaf(struct salvo_gather *gather, const struct salvo_sweep *sweep, bool *dirty)
{
	const unsigned shift = SALVO_LEVEL_SHIFT(sweep->level);
	salvo_pte pte = salvo_atomic_exchange(sweep->entry, 0);
	struct salvo_run run = {.frame = salvo_arch_pte_frame(pte, sweep->level),
		.count = (uint32_t)1 << (shift - SALVO_ARCH_PAGE_SHIFT)};

	salvo_note_change(gather, sweep, pte, 0);
	if (salvo_may_be_dirty(pte, sweep->unflushed))
		run.dirty = salvo_port_page_dirty(run.frame, run.count);
	if (salvo_arch_pte_accessed(pte))
		salvo_port_page_accessed(run.frame, run.count);
	*dirty |= run.dirty != 0;
	return salvo_gather_run(gather, &run);
}

/*
 * mark_again: since the entry of a dirty page was cleared write-back may have taken its mark and
 * written it; a store after that, before the flush, would be lost (invariant 2). => it is flushed
 */
static void
mark_again(struct salvo_space *space, const struct salvo_run *run)
{
	(void)space;
	if (run->dirty != 0)
		salvo_port_page_dirty(run->frame, run->count);
}

enum salvo_status
salvo_unmap(struct salvo_gather *gather, uintptr_t start, uintptr_t end)
{
	struct salvo_sweep sweep;

	salvo_sweep_begin(&sweep, gather, start, end);
	while (salvo_sweep_table(&sweep)) {
		bool dirty = false, room = true;

		salvo_sweep_lock(&sweep);
		while (room && salvo_sweep_leaf(&sweep))
			room = clear_leaf(gather, &sweep, &dirty);
		/* A dirty page that nobody maps may be cleaned by anybody: not before the last
		   write (invariant 4). Who walks its rmap waits for this lock: see above. */
		if (dirty) {
			salvo_gather_flush_tlb(gather);
			salvo_gather_each_pending(gather, mark_again);
		}
		salvo_gather_remove_rmap(gather);
		salvo_sweep_unlock(&sweep);
		if (!room)
			salvo_gather_flush(gather);
	}
	return sweep.splits ? SALVO_SPLITS_LEAF : SALVO_OK;
}

/*
 * free_tables_at: unlink the tables that entries of `level` point to. An entry is unlinked only if
 * all that it maps lies in the range.
 */
static void
free_tables_at(struct salvo_gather *gather, unsigned level, uintptr_t start, uintptr_t end)
{
	const unsigned shift = SALVO_LEVEL_SHIFT(level);
	const uintptr_t size = (uintptr_t)1 << shift;
	uintptr_t next;

	for (uintptr_t address = start; address < end; address = next) {
		unsigned at = level;
		uintptr_t table;
		struct salvo_word *entry = salvo_walk(gather->space, address, &at, &table);
		salvo_pte pte = salvo_atomic_load(entry);
		bool room;

		next = salvo_next_boundary(address, SALVO_LEVEL_SHIFT(at), end);
		if (at != level || (address & (size - 1)) != 0 || next - address != size ||
			!salvo_arch_pte_present(pte) || salvo_arch_pte_leaf(pte, level))
			continue;
		salvo_port_table_lock(gather->space, table);
		salvo_gather_mark(gather, table, address);
		salvo_atomic_store_release(entry, 0);
		room = salvo_gather_table(gather, salvo_arch_pte_frame(pte, level), address, shift);
		salvo_port_table_unlock(gather->space, table);
		if (!room)
			salvo_gather_flush(gather);
	}
}

/* salvo_free_tables: bottom up, so that a table is unlinked after those that hang from it. */
void
salvo_free_tables(struct salvo_gather *gather, uintptr_t start, uintptr_t end)
{
	SALVO_EXPECT(start >= gather->start && end <= gather->end);
	for (unsigned level = 2; level <= SALVO_ARCH_LEVELS; level++)
		free_tables_at(gather, level, start, end);
}
