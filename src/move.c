// SPDX-License-Identifier: MIT
/*
 * move.c: give the pages of a range other addresses in the same space.
 *
 *   1. lock the source's table and the destination's      salvo_port_tables_lock
 *   2. for each entry: clear it, set it where it goes     move_leaf
 *   3. flush the source, if anything was moved            salvo_gather_flush_tlb
 *   4. unlock both
 *
 * Must never drop either lock between 2 and the end of 3 (invariants 1 and 2):
 *
 *         move                               who finds the page through its rmap
 *         lock both
 *         from = 0; to = pte
 *         unlock both
 *                                            lock; finds it at `to`: to = 0; flush `to`; unlock
 *                                            frees the page, or writes it out
 *                                                     a CPU stores through its entry for `from`
 *         flush `from`
 *
 * Two forms are right. One is to mark source and destination and flush later: but then whoever
 * works at `to` must flush `from`, an address that it never heard of, and an operation that meets a
 * mark would flush all of the space to be sure. Here the flush is made under the locks: one for
 * each pair of tables, and nobody else has anything to know.
 */
#include "internal.h"

/* What becomes of the leaves of one table: they go to the table in frame `table`. */
struct move {
	struct salvo_gather *gather;
	uintptr_t distance; /* from an address to the new one; wraps */
	uintptr_t table;
	bool exists; /* the table does */
};

/*
 * find_destination: the table that holds what `sweep` comes to next, once it has moved; the sweep
 * is cut short where that table ends.
 */
static void
find_destination(struct move *move, struct salvo_sweep *sweep)
{
	uintptr_t to = sweep->next + move->distance;
	unsigned level = sweep->level;
	unsigned shift;

	(void)salvo_walk(sweep->gather->space, to, &level, &move->table);
	move->exists = level == sweep->level;
	shift = SALVO_LEVEL_SHIFT(move->exists ? level + 1 : level);
	if (shift < SALVO_WORD_BITS)
		sweep->table_end =
			salvo_next_boundary(to, shift, sweep->table_end + move->distance) -
			move->distance;
}

/*
 * move_leaf: the entry goes in one exchange, so that it takes along a Dirty bit which hardware sets
 * until then; where stores may pass without setting it, it is set (invariant 2).
 */
static enum salvo_status
move_leaf(const struct move *move, const struct salvo_sweep *sweep)
{
	const unsigned shift = SALVO_LEVEL_SHIFT(sweep->level);
	const uintptr_t size = (uintptr_t)1 << shift;
	uintptr_t to = sweep->address + move->distance;
	struct salvo_word *entry;
	salvo_pte pte;

	if ((to & (size - 1)) != 0)
		return SALVO_SPLITS_LEAF;
	if (!move->exists)
		return SALVO_NO_TABLE;
	entry = salvo_table_entry(move->table, to, sweep->level);
	pte = salvo_atomic_load(entry);
	if (salvo_arch_pte_present(pte) && !salvo_arch_pte_leaf(pte, sweep->level))
		return SALVO_SPLITS_LEAF;
	SALVO_EXPECT(!salvo_arch_pte_present(pte));
	pte = salvo_atomic_exchange(sweep->entry, 0);
	if (salvo_may_be_dirty(pte, sweep->unflushed))
		pte = salvo_arch_pte_written(pte);
	salvo_atomic_store_release(entry, pte);
	salvo_note_change(move->gather, sweep, pte, 0);
	salvo_port_rmap_move(sweep->gather->space, salvo_arch_pte_frame(pte, sweep->level),
		size >> SALVO_ARCH_PAGE_SHIFT, sweep->address, to);
	return SALVO_OK;
}

/* move_table: what the sweep found in one table. The last word on it, of all leaves'. */
static enum salvo_status
move_table(struct move *move, struct salvo_sweep *sweep)
{
	uintptr_t locked = sweep->table;
	enum salvo_status status = SALVO_OK;

	find_destination(move, sweep);
	if (move->exists)
		locked = move->table;
	salvo_port_tables_lock(sweep->gather->space, sweep->table, locked);
	salvo_sweep_look(sweep);
	while (status != SALVO_NO_TABLE && salvo_sweep_leaf(sweep)) {
		status = move_leaf(move, sweep);
		sweep->splits |= status == SALVO_SPLITS_LEAF;
	}
	/* Before the locks go: who finds a page at its new address flushes nothing here. */
	salvo_gather_flush_tlb(move->gather);
	salvo_port_tables_unlock(sweep->gather->space, sweep->table, locked);
	return status;
}

enum salvo_status
salvo_move(struct salvo_gather *gather, uintptr_t from, uintptr_t to, uintptr_t size)
{
	struct move move = {.gather = gather, .distance = to - from};
	struct salvo_sweep sweep;

	SALVO_EXPECT(((to | size) & (SALVO_PAGE_SIZE - 1)) == 0);
	SALVO_EXPECT(from + size <= to || to + size <= from);
	salvo_sweep_begin(&sweep, gather, from, from + size);
	while (salvo_sweep_table(&sweep))
		if (move_table(&move, &sweep) == SALVO_NO_TABLE)
			return SALVO_NO_TABLE;
	return sweep.splits ? SALVO_SPLITS_LEAF : SALVO_OK;
}
