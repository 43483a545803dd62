// SPDX-License-Identifier: MIT
/*
 * frames.c: physical memory, a frame at a time.
 *
 * Each frame has a struct page, in one array that starts with frame 0. The frames that nobody may
 * take (devices, the kernel's image) have a hold from the start that is never dropped.
 */
#include "mm.h"

/* With interrupts off: pages are freed where a flush is over, maybe in an interrupt. */
static struct spinlock frames_lock = SPINLOCK_IRQ("frames");
static struct page *pages;       /* constant */
static uintptr_t page_count;     /* constant */
static size_t total, reserve;    /* constant */
static struct page *free_head;   /* frames_lock */
static atomic_size_t free_count; /* written with frames_lock held */

struct page *
page_of(uintptr_t frame)
{
	if (frame >= page_count)
		panic("frame %lx is not memory", frame);
	return &pages[frame];
}

uintptr_t
frame_of(const struct page *page)
{
	return (uintptr_t)(page - pages);
}

void *
page_memory(const struct page *page)
{
	return direct_map(frame_of(page) << PAGE_SHIFT);
}

/* free_push, free_pull: onto and off the free list. => frames_lock */
static void
free_push(struct page *page)
{
	page_set(page, PAGE_FREE);
	page->prev = NULL;
	page->next = free_head;
	if (free_head != NULL)
		free_head->prev = page;
	free_head = page;
	atomic_fetch_add_explicit(&free_count, 1, memory_order_relaxed);
}

static void
free_pull(struct page *page)
{
	if (page->prev != NULL)
		page->prev->next = page->next;
	else
		free_head = page->next;
	if (page->next != NULL)
		page->next->prev = page->prev;
	atomic_fetch_sub_explicit(&free_count, 1, memory_order_relaxed);
	atomic_store(&page->flags, 0);
	atomic_store(&page->mapcount, 0);
	salvo_atomic_store(&page->mark, 0);
	atomic_store(&page->refs, 1);
}

/* structures_place: room for the array at the start of a range that can hold it. */
static uintptr_t
structures_place(const struct memory_range *ranges, unsigned count, size_t size)
{
	for (unsigned i = 0; i < count; i++)
		if (ranges[i].end - ranges[i].start >= size)
			return ranges[i].start;
	panic("not enough memory to describe memory");
}

void
frames_init(const struct memory_range *ranges, unsigned count)
{
	uintptr_t place;
	size_t size;

	for (unsigned i = 0; i < count; i++)
		if (ranges[i].end >> PAGE_SHIFT > page_count)
			page_count = ranges[i].end >> PAGE_SHIFT;
	size = (page_count * sizeof(struct page) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	place = structures_place(ranges, count, size);
	pages = direct_map(place);
	for (uintptr_t frame = 0; frame < page_count; frame++) {
		pages[frame] = (struct page){.refs = 1};
		spin_lock_init(&pages[frame].table_lock, "page table", false);
	}
	for (unsigned i = 0; i < count; i++) {
		for (uint64_t at = ranges[i].start; at < ranges[i].end; at += PAGE_SIZE) {
			if (at >= place && at < place + size)
				continue;
			atomic_store(&pages[at >> PAGE_SHIFT].refs, 0);
			free_push(&pages[at >> PAGE_SHIFT]);
		}
	}
	total = frames_free();
	reserve = total / 32;
}

static struct page *
take(size_t leave)
{
	struct page *page = NULL;

	spin_lock(&frames_lock);
	if (frames_free() > leave) {
		page = free_head;
		free_pull(page);
	}
	spin_unlock(&frames_lock);
	return page;
}

struct page *
page_alloc(void)
{
	struct page *page = take(reserve);

	reclaim_wake();
	return page;
}

struct page *
page_alloc_reserved(void)
{
	return take(0);
}

struct page *
page_alloc_huge(void)
{
	struct page *first = NULL;

	spin_lock(&frames_lock);
	for (uintptr_t at = 0; at + HUGE_FRAMES <= page_count && first == NULL; at += HUGE_FRAMES) {
		size_t n = 0;

		while (n < HUGE_FRAMES && page_has(&pages[at + n], PAGE_FREE))
			n++;
		if (n == HUGE_FRAMES)
			first = &pages[at];
	}
	for (size_t n = 0; first != NULL && n < HUGE_FRAMES; n++)
		free_pull(first + n);
	spin_unlock(&frames_lock);
	return first;
}

void
page_get(struct page *page)
{
	atomic_fetch_add_explicit(&page->refs, 1, memory_order_relaxed);
}

bool
page_get_used(struct page *page)
{
	unsigned refs = atomic_load(&page->refs);

	while (refs != 0)
		if (atomic_compare_exchange_weak(&page->refs, &refs, refs + 1))
			return true;
	return false;
}

bool
page_put_shared(struct page *page)
{
	unsigned refs = atomic_load(&page->refs);

	while (refs > 1)
		if (atomic_compare_exchange_weak(&page->refs, &refs, refs - 1))
			return true;
	return false;
}

void
page_put(struct page *page)
{
	unsigned before = atomic_fetch_sub_explicit(&page->refs, 1, memory_order_acq_rel);

	if (before == 0)
		panic("frame %lx freed twice", frame_of(page));
	if (before > 1)
		return;
	if (atomic_load(&page->mapcount) != 0 || page_has(page, PAGE_CACHED))
		panic("frame %lx freed while in use", frame_of(page));
	spin_lock(&frames_lock);
	free_push(page);
	spin_unlock(&frames_lock);
}

size_t
frames_free(void)
{
	return atomic_load_explicit(&free_count, memory_order_relaxed);
}

size_t
frames_total(void)
{
	return total;
}

size_t
frames_reserve(void)
{
	return reserve;
}
