// SPDX-License-Identifier: MIT
/*
 * collapse.c: one huge leaf in the place of a table of pages.
 *
 *   1. lock the table and the one that it hangs from, unlink it
 *   2. flush, as where a table is freed: lazy CPUs too, upper-level entries too
 *   3. the host makes the huge page of what the table maps; or leaves it, and the table is linked
 *      again
 *   4. set the huge leaf, unlock
 *   5. free the pages that were copied, then the table
 *
 * Must never set the huge leaf while a CPU can use a page of the table (invariants 1 and 2: its
 * stores would go where nobody looks any more), nor free the table while a walker is in it
 * (invariant 3). After 2 no hardware is, nor software on CPUs that have the space loaded; for other
 * lockless software the host waits in 3, before it looks who holds the pages (walker.c), or has it
 * look again at the entry that 1 has cleared.
 */
#include "internal.h"

/* note_stores: => the table is unlinked, and flushed; where stores may pass without Dirty, it is
 * set. */
static void
note_stores(struct salvo_word *entries, bool unflushed)
{
	for (size_t i = 0; i < SALVO_TABLE_ENTRIES; i++) {
		salvo_pte pte = salvo_atomic_load(&entries[i]);

		if (salvo_arch_pte_present(pte) && salvo_may_be_dirty(pte, unflushed))
			salvo_atomic_store(&entries[i], salvo_arch_pte_written(pte));
	}
}

/*
 * give_up: gather the pages of the unlinked table that the huge leaf does not hold itself, from
 * entry `*next` on. Whether that was the end; else there is no more room. => the table's lock
 */
static bool
give_up(struct salvo_gather *gather, struct salvo_word *entries, size_t *next, uintptr_t first)
{
	bool room = true;

	for (; *next < SALVO_TABLE_ENTRIES && room; (*next)++) {
		salvo_pte pte = salvo_atomic_exchange(&entries[*next], 0);
		struct salvo_run run = {.frame = salvo_arch_pte_frame(pte, 1), .count = 1};

		if (salvo_arch_pte_present(pte) && run.frame != first + *next)
			room = salvo_gather_run(gather, &run);
	}
	salvo_gather_remove_rmap(gather);
	return room;
}

/* free_table: step 5. => nothing leads to the table any more */
static void
free_table(struct salvo_gather *gather, uintptr_t table, uintptr_t first)
{
	struct salvo_word *entries = salvo_port_table(table);
	size_t next = 0;
	bool room = true;

	while (next < SALVO_TABLE_ENTRIES) {
		if (!room)
			salvo_gather_flush(gather);
		salvo_port_table_lock(gather->space, table);
		room = give_up(gather, entries, &next, first);
		salvo_port_table_unlock(gather->space, table);
	}
	if (!salvo_gather_free_table(gather, table) || !room)
		salvo_gather_flush(gather);
}

/* unlink: steps 1 and 2; the entry that led to the table. */
static salvo_pte
unlink(struct salvo_gather *gather, struct salvo_word *entry, uintptr_t table, uintptr_t address)
{
	bool unflushed = salvo_unflushed(gather->space, 1);
	salvo_pte pte = salvo_atomic_exchange(entry, 0);

	salvo_gather_unlinked(gather, address, SALVO_LEVEL_SHIFT(2));
	salvo_gather_flush_tlb(gather);
	if (!salvo_arch_clean_write_traps())
		note_stores(salvo_port_table(table), unflushed);
	return pte;
}

enum salvo_status
salvo_collapse(
	struct salvo_gather *gather, uintptr_t address, salvo_collapse_make *make, void *context)
{
	const uintptr_t size = (uintptr_t)1 << SALVO_LEVEL_SHIFT(2);
	unsigned level = 2;
	uintptr_t parent, table;
	struct salvo_word *entry;
	salvo_pte pte, huge;

	SALVO_EXPECT((address & (size - 1)) == 0);
	SALVO_EXPECT(address >= gather->start && address + (size - 1) < gather->end);
	entry = salvo_walk(gather->space, address, &level, &parent);
	pte = salvo_atomic_load(entry);
	if (level != 2 || !salvo_arch_pte_present(pte) || salvo_arch_pte_leaf(pte, level))
		return SALVO_NO_TABLE;
	table = salvo_arch_pte_frame(pte, level);
	salvo_port_tables_lock(gather->space, parent, table);
	pte = unlink(gather, entry, table, address);
	huge = make(salvo_port_table(table), context);
	salvo_atomic_store_release(entry, huge != 0 ? huge : pte);
	salvo_port_tables_unlock(gather->space, parent, table);
	if (huge != 0)
		free_table(gather, table, salvo_arch_pte_frame(huge, level));
	return SALVO_OK;
}
