// SPDX-License-Identifier: MIT
/*
 * share.c: page tables of one space that hang in another one too, and leave it again (unshare).
 *
 * Each such table has a hold for every space that it hangs in. It is made, filled and emptied by
 * its owner, which changes nothing there while others have it. A space that unshares it clears
 * the entry that leads to it, and drops its hold when no CPU can walk into it from there any more:
 * only then may the owner go on, for its own flushes ask none of the CPUs that run the other space.
 */
#include "mm.h"

/* hold_table: the table of pages that maps the address, with one more hold; 0: there is none. */
static uintptr_t
hold_table(struct mm *owner, uintptr_t address)
{
	uintptr_t table = 0;

	mutex_lock(&owner->lock);
	if (area_find(owner, address) != NULL &&
		table_entry(owner, address, 1, false, &table) != NULL)
		page_get(page_of(table));
	else
		table = 0;
	mutex_unlock(&owner->lock);
	return table;
}

/* link: hang the owner's table in at `at`. => mm.lock is not held: the owner's is taken */
static bool
link(struct mm *mm, uintptr_t at, struct mm *owner, uintptr_t address)
{
	uintptr_t shared = hold_table(owner, address), table;
	struct salvo_word *entry = NULL;

	if (shared == 0)
		return false;
	mutex_lock(&mm->lock);
	entry = table_entry(mm, at, 2, true, &table);
	if (entry != NULL)
		salvo_atomic_store_release(
			entry, shared << PAGE_SHIFT | ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER);
	mutex_unlock(&mm->lock);
	if (entry == NULL)
		page_put(page_of(shared));
	return entry != NULL;
}

/* add_area: returns its address, or 0. */
static uintptr_t
add_area(struct mm *mm, size_t size)
{
	struct area area = {.kind = AREA_SHARED, .writable = true};

	mutex_lock(&mm->lock);
	area.start = area_place(mm, size, true);
	area.end = area.start + size;
	if (area.start != 0 && area_add(mm, &area) == NULL)
		area.start = 0;
	mutex_unlock(&mm->lock);
	return area.start;
}

uintptr_t
mm_share(struct mm *mm, struct mm *owner, uintptr_t address, size_t size)
{
	uintptr_t at = add_area(mm, size);
	bool done = at != 0;

	for (size_t offset = 0; done && offset < size; offset += HUGE_SIZE)
		done = link(mm, at + offset, owner, address + offset);
	if (!done && at != 0)
		mm_unshare(mm, at, at + size, size);
	return done ? at : 0;
}

void
unlink_shared(struct salvo_gather *gather, struct mm *mm, uintptr_t start, uintptr_t end)
{
	for (uintptr_t at = start; at < end; at += HUGE_SIZE) {
		uintptr_t table;
		struct salvo_word *entry = table_entry(mm, at, 2, false, &table);
		salvo_pte pte;

		if (entry == NULL)
			continue;
		salvo_port_table_lock(&mm->space, table);
		salvo_gather_mark(gather, table, at);
		pte = salvo_atomic_exchange(entry, 0);
		salvo_port_table_unlock(&mm->space, table);
		if ((pte & ENTRY_PRESENT) != 0 &&
			!salvo_gather_table(gather, salvo_arch_pte_frame(pte, 2), at, HUGE_SHIFT))
			salvo_gather_flush(gather);
	}
}

/* unshare_once: one gather. => mm.lock */
static void
unshare_once(struct mm *mm, uintptr_t start, uintptr_t end)
{
	uint64_t begin = clock_cycles();
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &mm->space, start, end);
	unlink_shared(&gather, mm, start, end);
	salvo_gather_finish(&gather);
	mm->cycles += clock_cycles() - begin;
}

bool
mm_unshare(struct mm *mm, uintptr_t start, uintptr_t end, size_t step)
{
	struct area *area;
	bool done;

	mutex_lock(&mm->lock);
	area = area_find(mm, start);
	done = area != NULL && area->kind == AREA_SHARED && area->start == start &&
	       area->end == end;
	if (done)
		area_remove(mm, area);
	for (uintptr_t at = start; done && at < end; at += step)
		unshare_once(mm, at, end - at > step ? at + step : end);
	mutex_unlock(&mm->lock);
	return done;
}
