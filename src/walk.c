// SPDX-License-Identifier: MIT
/*
 * walk.c: find entries by address. Walks go down from the root each time, so none holds on to a
 * table across a lock that is dropped.
 */
#include "internal.h"

/* salvo_next_boundary: the first multiple of 1 << shift after the address, but not past `end`. */
uintptr_t
salvo_next_boundary(uintptr_t address, unsigned shift, uintptr_t end)
{
	uintptr_t last = address | (((uintptr_t)1 << shift) - 1);

	return last >= end - 1 ? end : last + 1;
}

/* salvo_table_entry: the entry for the address in the table of this level in `frame`. */
struct salvo_word *
salvo_table_entry(uintptr_t frame, uintptr_t address, unsigned level)
{
	const uintptr_t mask = ((uintptr_t)1 << SALVO_ARCH_INDEX_BITS) - 1;

	return &salvo_port_table(frame)[(address >> SALVO_LEVEL_SHIFT(level)) & mask];
}

/*
 * salvo_walk: the entry for the address at level `*level`, or at the first level above it where the
 * walk ends because nothing is present or memory is mapped. Returns the entry, its level, and the
 * frame of its table.
 */
struct salvo_word *
salvo_walk(const struct salvo_space *space, uintptr_t address, unsigned *level, uintptr_t *table)
{
	uintptr_t frame = space->root >> SALVO_ARCH_PAGE_SHIFT;

	for (unsigned at = SALVO_ARCH_LEVELS;; at--) {
		struct salvo_word *entry = salvo_table_entry(frame, address, at);
		salvo_pte pte = salvo_atomic_load_acquire(entry);

		if (at == *level || !salvo_arch_pte_present(pte) || salvo_arch_pte_leaf(pte, at)) {
			*level = at;
			*table = frame;
			return entry;
		}
		frame = salvo_arch_pte_frame(pte, at);
	}
}

void
salvo_sweep_begin(
	struct salvo_sweep *sweep, struct salvo_gather *gather, uintptr_t start, uintptr_t end)
{
	SALVO_EXPECT(start >= gather->start && end <= gather->end);
	SALVO_EXPECT(((start | end) & (SALVO_PAGE_SIZE - 1)) == 0);
	*sweep = (struct salvo_sweep){.gather = gather, .next = start, .end = end};
}

/* table_end: where the table ends, or the range. A top table may end with the address space. */
static uintptr_t
table_end(const struct salvo_sweep *sweep)
{
	unsigned shift = SALVO_LEVEL_SHIFT(sweep->level + 1);

	return shift < SALVO_WORD_BITS ? salvo_next_boundary(sweep->next, shift, sweep->end)
				       : sweep->end;
}

/*
 * salvo_sweep_table: the next table that may hold leaves of the range; false at its end. Where
 * nothing is present that is the table above: what was there is told under its lock.
 */
bool
salvo_sweep_table(struct salvo_sweep *sweep)
{
	if (sweep->next >= sweep->end)
		return false;
	sweep->level = 1;
	sweep->following =
		salvo_walk(sweep->gather->space, sweep->next, &sweep->level, &sweep->table);
	sweep->table_end = table_end(sweep);
	return true;
}

/*
 * salvo_sweep_look: what others have changed in the table, before an entry of it is looked at.
 * => its lock was just taken
 */
void
salvo_sweep_look(struct salvo_sweep *sweep)
{
	struct salvo_gather *gather = sweep->gather;

	gather->changed = false;
	salvo_look(gather, sweep->table, sweep->next);
	sweep->unflushed = !salvo_arch_clean_write_traps() &&
			   (gather->blind ? salvo_outstanding_but(gather->space, 1) : gather->met);
}

/* salvo_sweep_mark: tell others what was changed in the table. => its lock is about to go */
void
salvo_sweep_mark(struct salvo_sweep *sweep)
{
	if (sweep->gather->changed)
		salvo_leave_mark(sweep->gather, sweep->table, sweep->next - 1);
}

void
salvo_sweep_lock(struct salvo_sweep *sweep)
{
	salvo_port_table_lock(sweep->gather->space, sweep->table);
	salvo_sweep_look(sweep);
}

void
salvo_sweep_unlock(struct salvo_sweep *sweep)
{
	salvo_sweep_mark(sweep);
	salvo_port_table_unlock(sweep->gather->space, sweep->table);
}

/*
 * salvo_sweep_leaf: the next leaf of the table; false when there is none, or when the walk must go
 * down into a table that hangs here.
 * => the table's lock is held
 */
bool
salvo_sweep_leaf(struct salvo_sweep *sweep)
{
	const unsigned shift = SALVO_LEVEL_SHIFT(sweep->level);
	const uintptr_t size = (uintptr_t)1 << shift;

	while (sweep->next < sweep->table_end) {
		salvo_pte pte;

		sweep->entry = sweep->following++;
		sweep->address = sweep->next;
		pte = salvo_atomic_load(sweep->entry);
		if (salvo_arch_pte_present(pte) && !salvo_arch_pte_leaf(pte, sweep->level))
			return false;
		sweep->next = salvo_next_boundary(sweep->address, shift, sweep->table_end);
		if (!salvo_arch_pte_present(pte))
			continue;
		if ((sweep->address & (size - 1)) == 0 && sweep->next - sweep->address == size)
			return true;
		sweep->splits = true;
	}
	return false;
}
