// SPDX-License-Identifier: MIT
/*
 * change.c: pages that come to other addresses (move), and addresses that get other pages (merge,
 * the copy of a merged page, collapse).
 *
 * All of it runs under mm.lock, or a merge with its areas claimed. That keeps faults out: nobody
 * maps anything, or makes an entry writable again, between the steps.
 */
#include "mm.h"

/* ---- Move ---- */

/* make_tables: for all of an area that is mapped nowhere yet. => mm.lock */
static bool
make_tables(struct mm *mm, const struct area *area)
{
	uintptr_t table, at = area->start;

	for (; at < area->end; at = (at & -HUGE_SIZE) + HUGE_SIZE)
		if (table_entry(mm, at, area->huge ? 2 : 1, true, &table) == NULL)
			return false;
	return true;
}

/*
 * move_once: one gather. A walk of the rmap looks at areas in no order of addresses, so it is kept
 * out: it finds all pages at their old address, or all at the new. => mm.lock; the tables are there
 */
static void
move_once(struct mm *mm, uintptr_t from, uintptr_t to, size_t size)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &mm->space, from, from + size);
	rmap_lock_areas();
	if (salvo_move(&gather, from, to, size) != SALVO_OK)
		panic("pages at %lx cannot be moved to %lx", from, to);
	rmap_unlock_areas();
	salvo_gather_finish(&gather);
}

/* free_gap: the tables that no area needs any more around [start, end). => mm.lock; no area there
 */
static void
free_gap(struct mm *mm, uintptr_t start, uintptr_t end)
{
	uintptr_t from = area_gap_start(mm, start), to = area_gap_end(mm, end);
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &mm->space, from, to);
	salvo_free_tables(&gather, from, to);
	salvo_gather_finish(&gather);
}

/* move_area: returns the new address, or 0. => mm.lock */
static uintptr_t
move_area(struct mm *mm, struct area *area, size_t step)
{
	uintptr_t from = area->start;
	size_t size = area->end - from;
	struct area there = *area, *new;
	uint64_t begin;

	there.start = area_place(mm, size, area->huge);
	there.end = there.start + size;
	if (there.start == 0)
		return 0;
	new = area_add(mm, &there);
	if (new == NULL)
		return 0;
	if (!make_tables(mm, new)) {
		area_remove(mm, new);
		return 0;
	}
	begin = clock_cycles();
	for (size_t at = 0; at < size; at += step)
		move_once(mm, from + at, there.start + at, size - at < step ? size - at : step);
	mm->cycles += clock_cycles() - begin;
	area_remove(mm, area);
	free_gap(mm, from, from + size);
	return there.start;
}

/* area_of: the area that is just [start, end), made so if that is a part of one; or NULL.
 * => mm.lock */
static struct area *
area_of(struct mm *mm, uintptr_t start, uintptr_t end)
{
	struct area *area;

	if (!in_user_half(start, end) || !area_split(mm, start) || !area_split(mm, end))
		return NULL;
	area = area_find(mm, start);
	return area != NULL && area->start == start && area->end == end ? area : NULL;
}

uintptr_t
mm_move(struct mm *mm, uintptr_t from, size_t size, size_t step)
{
	uintptr_t to = 0;
	struct area *area;

	mutex_lock(&mm->lock);
	areas_wait(mm, from, from + size);
	area = area_of(mm, from, from + size);
	if (area != NULL && (area->kind == AREA_ANONYMOUS || area->kind == AREA_FILE))
		to = move_area(mm, area, step);
	mutex_unlock(&mm->lock);
	return to;
}

/* ---- Merge ---- */

struct merge {
	struct mm *mm;
	uintptr_t distance; /* from an address to that of the page to keep; wraps */
	size_t count;
};

static struct page *
page_at(salvo_pte entry)
{
	return page_of(salvo_arch_pte_frame(entry, 1));
}

/* merged: a salvo_replace_visit. The page to keep is read-only, and that is flushed. */
static salvo_pte
merged(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	struct merge *merge = context;
	uintptr_t table;
	struct salvo_word *entry =
		table_entry(merge->mm, address + merge->distance, level, false, &table);
	salvo_pte keep = entry != NULL ? salvo_atomic_load(entry) : 0;

	if ((keep & ENTRY_PRESENT) == 0 || page_at(keep) == page_at(old) ||
		memcmp(page_memory(page_at(keep)), page_memory(page_at(old)), PAGE_SIZE) != 0)
		return old;
	page_get(page_at(keep));
	atomic_fetch_add_explicit(&page_at(keep)->mapcount, 1, memory_order_relaxed);
	merge->count++;
	return keep;
}

/*
 * merge_once: write-protect what is to be kept, and flush that; then let salvo_replace take the
 * others out and compare them while nobody can write to either. => both are claimed
 */
static void
merge_once(struct merge *merge, uintptr_t other, size_t size)
{
	uintptr_t keep = other + merge->distance;
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &merge->mm->space, keep, keep + size);
	salvo_protect(&gather, keep, keep + size, 0);
	salvo_gather_finish(&gather);
	salvo_gather_begin(&gather, &merge->mm->space, other, other + size);
	salvo_replace(&gather, other, other + size, merged, merge);
	salvo_gather_finish(&gather);
}

static bool
can_merge(const struct area *area)
{
	return area != NULL && area->kind == AREA_ANONYMOUS && !area->huge;
}

/* claim_for_merge: both areas, if they can be merged. => mm.lock */
static bool
claim_for_merge(struct mm *mm, uintptr_t keep, uintptr_t other, size_t size)
{
	uintptr_t first = keep < other ? keep : other, last = keep < other ? other : keep;
	struct area *kept, *gone;

	areas_wait(mm, first, last + size);
	kept = area_of(mm, keep, keep + size);
	gone = area_of(mm, other, other + size);
	if (!can_merge(kept) || !can_merge(gone))
		return false;
	kept->merged = gone->merged = true;
	areas_claim(mm, keep, keep + size);
	areas_claim(mm, other, other + size);
	return true;
}

size_t
mm_merge(struct mm *mm, uintptr_t keep, uintptr_t other, size_t size, size_t step)
{
	struct merge merge = {.mm = mm, .distance = keep - other};
	uint64_t begin;
	bool claimed;

	mutex_lock(&mm->lock);
	claimed = claim_for_merge(mm, keep, other, size);
	mutex_unlock(&mm->lock);
	if (!claimed)
		return 0;
	begin = clock_cycles();
	for (size_t at = 0; at < size; at += step)
		merge_once(&merge, other + at, size - at < step ? size - at : step);
	mm->cycles += clock_cycles() - begin;
	areas_release(mm, keep, keep + size);
	areas_release(mm, other, other + size);
	return merge.count;
}

/*
 * Entries of one space alone share a page, and only a merge of the area that has this one makes
 * them more: so with mm.lock held, and no claim, a count of one stays.
 */
bool
merged_is_shared(salvo_pte entry)
{
	return atomic_load(&page_at(entry)->mapcount) > 1;
}

/* copied: a salvo_replace_visit, with the new page. */
static salvo_pte
copied(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	struct page *copy = context;

	(void)address;
	(void)level;
	memcpy(page_memory(copy), page_memory(page_at(old)), PAGE_SIZE);
	atomic_store(&copy->mapcount, 1);
	return frame_of(copy) << PAGE_SHIFT | ENTRY_PRESENT | ENTRY_USER | ENTRY_ACCESSED |
	       ENTRY_WRITE | ENTRY_DIRTY | ENTRY_NO_EXEC;
}

bool
merged_copy(struct mm *mm, uintptr_t address)
{
	struct page *copy = page_alloc();
	struct salvo_gather gather;

	if (copy == NULL)
		return false;
	salvo_gather_begin(&gather, &mm->space, address, address + PAGE_SIZE);
	salvo_replace(&gather, address, address + PAGE_SIZE, copied, copy);
	salvo_gather_finish(&gather);
	return true;
}

/* ---- Collapse ---- */

struct collapse {
	const struct salvo_space *space;
	struct page *huge; /* the first of HUGE_FRAMES */
	bool made;
};

/*
 * make_huge: a salvo_collapse_make. No CPU can use the entries, and no walk that may have found
 * them is left; a page that somebody else holds too, who may look at it later, is not copied.
 */
static salvo_pte
make_huge(const struct salvo_word *entries, void *context)
{
	struct collapse *collapse = context;

	salvo_walk_sync(collapse->space);
	for (size_t i = 0; i < HUGE_FRAMES; i++) {
		salvo_pte entry = salvo_atomic_load(&entries[i]);

		if ((entry & ENTRY_PRESENT) == 0 ||
			page_refs(page_at(entry)) != atomic_load(&page_at(entry)->mapcount))
			return 0;
	}
	for (size_t i = 0; i < HUGE_FRAMES; i++) {
		memcpy(page_memory(collapse->huge + i),
			page_memory(page_at(salvo_atomic_load(&entries[i]))), PAGE_SIZE);
		atomic_store(&collapse->huge[i].mapcount, 1);
	}
	collapse->made = true;
	return frame_of(collapse->huge) << PAGE_SHIFT | ENTRY_PRESENT | ENTRY_USER |
	       ENTRY_ACCESSED | ENTRY_DIRTY | ENTRY_LARGE | ENTRY_NO_EXEC;
}

/* collapse_area: a write fault makes the leaf writable, if the area is. => mm.lock */
static bool
collapse_area(struct area *area, struct page *huge)
{
	struct collapse collapse = {.space = &area->mm->space, .huge = huge};
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &area->mm->space, area->start, area->end);
	salvo_collapse(&gather, area->start, make_huge, &collapse);
	salvo_gather_finish(&gather);
	if (collapse.made) {
		area->huge = true;
		area->merged = false;
	}
	return collapse.made;
}

bool
mm_collapse(struct mm *mm, uintptr_t address)
{
	struct page *huge = page_alloc_huge();
	struct area *area;
	bool made = false;

	if (huge == NULL)
		return false;
	mutex_lock(&mm->lock);
	areas_wait(mm, address, address + HUGE_SIZE);
	area = address % HUGE_SIZE == 0 ? area_of(mm, address, address + HUGE_SIZE) : NULL;
	if (can_merge(area))
		made = collapse_area(area, huge);
	mutex_unlock(&mm->lock);
	for (size_t i = 0; !made && i < HUGE_FRAMES; i++)
		page_put(huge + i);
	return made;
}
