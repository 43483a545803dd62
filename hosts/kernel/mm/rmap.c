// SPDX-License-Identifier: MIT
/*
 * rmap.c: from a page of the file to the entries that map it.
 *
 * Nothing is kept for each entry: the areas that map the file are listed, and an entry is found by
 * walking the tables of the area's space. A mapping holds its page by one reference, which goes
 * with the entry: a gather that cleared it gives the reference back through salvo_port_free_pages;
 * a walk whose visitor cleared it (reclaim) gives it back here. The walker has a hold of its own
 * until it has flushed, so the page outlives the stale translations either way.
 */
#include "mm.h"

static struct spinlock rmap_lock = SPINLOCK("rmap");
static struct area *file_areas;      /* rmap_lock */
static atomic_uint_fast64_t cleared; /* entries */
static atomic_uint_fast64_t removed; /* mappings that salvo took off pages */

void
rmap_lock_areas(void)
{
	spin_lock(&rmap_lock);
}

void
rmap_unlock_areas(void)
{
	spin_unlock(&rmap_lock);
}

void
rmap_add_area(struct area *area)
{
	area->rmap_next = file_areas;
	file_areas = area;
}

void
rmap_remove_area(struct area *area)
{
	struct area **link = &file_areas;

	while (*link != area)
		link = &(*link)->rmap_next;
	*link = area->rmap_next;
}

bool
rmap_written(void)
{
	bool written = false;

	spin_lock(&rmap_lock);
	for (struct area *area = file_areas; area != NULL && !written; area = area->rmap_next)
		written = area->writable;
	spin_unlock(&rmap_lock);
	return written;
}

uint64_t
rmap_cleared(void)
{
	return atomic_load_explicit(&cleared, memory_order_relaxed);
}

uint64_t
rmap_removed(void)
{
	return atomic_load_explicit(&removed, memory_order_relaxed);
}

/*
 * visit_area: the entry of one area, if it maps the page. Returns whether it did.
 * => rmap_lock, so the area and its tables stay
 */
static bool
visit_area(struct area *area, struct page *page, salvo_rmap_visit *visit, void *context)
{
	struct salvo_mapping mapping = {.space = &area->mm->space, .stride_shift = PAGE_SHIFT};
	salvo_pte pte;
	bool maps;

	mapping.address = area->start + ((page->index - area->first) << PAGE_SHIFT);
	mapping.entry = table_entry(area->mm, mapping.address, 1, false, &mapping.table);
	if (mapping.entry == NULL)
		return false;
	salvo_port_table_lock(mapping.space, mapping.table);
	pte = salvo_atomic_load(mapping.entry);
	maps = (pte & ENTRY_PRESENT) != 0 && salvo_arch_pte_frame(pte, 1) == frame_of(page);
	if (maps) {
		visit(&mapping, context);
		if ((salvo_atomic_load(mapping.entry) & ENTRY_PRESENT) == 0) {
			atomic_fetch_add_explicit(&cleared, 1, memory_order_relaxed);
			page_put(page);
		}
	}
	salvo_port_table_unlock(mapping.space, mapping.table);
	return maps;
}

/* => the caller holds the page and its lock, so no mapping is added */
void
salvo_port_rmap_walk(uintptr_t frame, salvo_rmap_visit *visit, void *context)
{
	struct page *page = page_of(frame);
	unsigned left = atomic_load(&page->mapcount);

	if (left == 0)
		return;
	spin_lock(&rmap_lock);
	for (struct area *area = file_areas; area != NULL && left > 0; area = area->rmap_next)
		if (page->index >= area->first &&
			page->index - area->first < (area->end - area->start) >> PAGE_SHIFT &&
			visit_area(area, page, visit, context))
			left--;
	spin_unlock(&rmap_lock);
}

bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	bool mapped = true;

	(void)space;
	atomic_fetch_add_explicit(&removed, count, memory_order_relaxed);
	for (size_t i = 0; i < count; i++)
		if (atomic_fetch_sub_explicit(
			    &page_of(frame + i)->mapcount, 1, memory_order_acq_rel) == 0)
			mapped = false;
	return mapped;
}
