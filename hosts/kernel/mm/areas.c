// SPDX-License-Identifier: MIT
/* areas.c: which parts of an address space are mapped, and to what. */
#include "mm.h"

#define FIRST_ADDRESS 0x0000100000000000UL /* where mappings are placed; the image lies lower */

/* spare: whether a structure is free; another page of them is made if not, as long as there is
 * memory. */
static bool
spare(struct mm *mm)
{
	struct page *page;
	struct area *areas;

	if (mm->spare != NULL)
		return true;
	page = page_alloc_reserved();
	if (page == NULL)
		return false;
	page->next = mm->area_pages;
	mm->area_pages = page;
	areas = page_memory(page);
	for (size_t i = 0; i < PAGE_SIZE / sizeof(*areas); i++) {
		areas[i].next = mm->spare;
		mm->spare = &areas[i];
	}
	return true;
}

void
areas_free(struct mm *mm)
{
	while (mm->area_pages != NULL) {
		struct page *page = mm->area_pages;

		mm->area_pages = page->next;
		page_put(page);
	}
}

struct area *
area_find(struct mm *mm, uintptr_t address)
{
	for (struct area *area = mm->areas; area != NULL; area = area->next)
		if (address >= area->start && address < area->end)
			return area;
	return NULL;
}

/* area_place: the lowest gap that is large enough, with a page left free on both sides. */
uintptr_t
area_place(struct mm *mm, size_t size, bool huge)
{
	uintptr_t align = huge ? HUGE_SIZE : PAGE_SIZE, at = FIRST_ADDRESS;

	for (struct area *area = mm->areas; area != NULL; area = area->next) {
		if (area->end <= at)
			continue;
		if (area->start > at && area->start - at > size)
			break;
		at = (area->end + PAGE_SIZE + align - 1) & ~(align - 1);
	}
	return at < USER_END && USER_END - at > size ? at : 0;
}

/* area_link: a copy of *area, at its place in the lists. => rmap_lock; a spare structure */
static struct area *
area_link(struct mm *mm, const struct area *area)
{
	struct area **link = &mm->areas, *new = mm->spare;

	mm->spare = new->next;
	*new = *area;
	while (*link != NULL && (*link)->start < new->start)
		link = &(*link)->next;
	new->next = *link;
	new->mm = mm;
	*link = new;
	if (new->kind == AREA_FILE)
		rmap_add_area(new);
	return new;
}

/* area_add: NULL: no memory for another structure. */
struct area *
area_add(struct mm *mm, const struct area *area)
{
	struct area *new;

	if (!spare(mm))
		return NULL;
	rmap_lock_areas();
	new = area_link(mm, area);
	rmap_unlock_areas();
	return new;
}

/* area_split: make an area that holds the address end there, and another begin. */
bool
area_split(struct mm *mm, uintptr_t address)
{
	struct area *area = area_find(mm, address), rest;

	if (area == NULL || area->start == address)
		return true;
	if (!spare(mm) || area->kind == AREA_SHARED || (area->huge && address % HUGE_SIZE != 0))
		return false;
	rest = *area;
	rest.start = address;
	rest.first += (address - area->start) >> PAGE_SHIFT;
	rmap_lock_areas();
	area->end = address;
	area_link(mm, &rest);
	rmap_unlock_areas();
	return true;
}

void
area_remove(struct mm *mm, struct area *area)
{
	struct area **link = &mm->areas;

	while (*link != area)
		link = &(*link)->next;
	*link = area->next;
	if (area->kind == AREA_FILE) {
		rmap_lock_areas();
		rmap_remove_area(area);
		rmap_unlock_areas();
	}
	area->next = mm->spare;
	mm->spare = area;
}

uintptr_t
area_gap_start(struct mm *mm, uintptr_t start)
{
	uintptr_t gap = 0;

	for (struct area *area = mm->areas; area != NULL && area->end <= start; area = area->next)
		gap = area->end;
	return gap;
}

uintptr_t
area_gap_end(struct mm *mm, uintptr_t end)
{
	for (struct area *area = mm->areas; area != NULL; area = area->next)
		if (area->start >= end)
			return area->start;
	return USER_END;
}

/* ---- Claims ---- */

static struct spinlock claims_lock = SPINLOCK("claims");

/* set_claims: => mm.lock */
static void
set_claims(struct mm *mm, uintptr_t start, uintptr_t end, bool claimed)
{
	spin_lock(&claims_lock);
	for (struct area *area = mm->areas; area != NULL; area = area->next)
		if (area->start < end && area->end > start)
			area->claimed = claimed;
	wake_all(&claims_lock);
	spin_unlock(&claims_lock);
}

/* is_claimed: => mm.lock */
static bool
is_claimed(const struct mm *mm, uintptr_t start, uintptr_t end)
{
	for (const struct area *area = mm->areas; area != NULL; area = area->next)
		if (area->claimed && area->start < end && area->end > start)
			return true;
	return false;
}

/* claims_lock is held when mm.lock is dropped, so that no release falls between that and sleep. */
void
areas_wait(struct mm *mm, uintptr_t start, uintptr_t end)
{
	while (late_wait(mm, start, end), is_claimed(mm, start, end)) {
		spin_lock(&claims_lock);
		mutex_unlock(&mm->lock);
		sleep_on(&claims_lock, &claims_lock);
		spin_unlock(&claims_lock);
		mutex_lock(&mm->lock);
	}
}

void
areas_claim(struct mm *mm, uintptr_t start, uintptr_t end)
{
	set_claims(mm, start, end, true);
}

void
areas_release(struct mm *mm, uintptr_t start, uintptr_t end)
{
	mutex_lock(&mm->lock);
	set_claims(mm, start, end, false);
	mutex_unlock(&mm->lock);
}
