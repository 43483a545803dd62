// SPDX-License-Identifier: MIT
/*
 * cache.c: the pages of the file that are in memory.
 *
 * A hash table finds a page by its index in the file. A page comes in locked, is filled from the
 * disk together with its neighbours, and is then on the LRU list until reclaim takes it away.
 */
#include "mm.h"

#define BUCKETS 2048u

static struct spinlock cache_lock = SPINLOCK("page cache");
static struct page *buckets[BUCKETS]; /* cache_lock */
static atomic_size_t cached;          /* written with cache_lock held */

/* Who waits for a page's lock sleeps here; one place for all pages, as few ever wait. */
static struct spinlock wait_lock = SPINLOCK("page wait");
static atomic_uint waiting;

uint64_t
file_pages(void)
{
	return (options.bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

size_t
cache_pages(void)
{
	return atomic_load_explicit(&cached, memory_order_relaxed);
}

bool
page_trylock(struct page *page)
{
	return (atomic_fetch_or_explicit(&page->flags, PAGE_LOCKED, memory_order_acq_rel) &
		       PAGE_LOCKED) == 0;
}

void
page_unlock(struct page *page)
{
	/* Full order: the flag is clear before we look for waiters. Pairs with page_wait(). */
	atomic_fetch_and(&page->flags, ~(unsigned)PAGE_LOCKED);
	if (atomic_load(&waiting) != 0) {
		spin_lock(&wait_lock);
		wake_all(&waiting);
		spin_unlock(&wait_lock);
	}
}

void
page_wait(struct page *page)
{
	spin_lock(&wait_lock);
	atomic_fetch_add(&waiting, 1);
	while ((atomic_load(&page->flags) & PAGE_LOCKED) != 0)
		sleep_on(&waiting, &wait_lock);
	atomic_fetch_sub(&waiting, 1);
	spin_unlock(&wait_lock);
}

void
page_lock(struct page *page)
{
	while (!page_trylock(page))
		page_wait(page);
}

/* find: => cache_lock */
static struct page *
find(uint64_t index)
{
	struct page *page = buckets[index % BUCKETS];

	while (page != NULL && page->index != index)
		page = page->hash_next;
	return page;
}

struct page *
cache_find(uint64_t index)
{
	struct page *page;

	spin_lock(&cache_lock);
	page = find(index);
	if (page != NULL)
		page_get(page);
	spin_unlock(&cache_lock);
	return page;
}

/* insert: a new page, locked, with a hold for the cache and one for the caller; NULL: is there. */
static struct page *
insert(struct page *page, uint64_t index, unsigned group)
{
	spin_lock(&cache_lock);
	if (find(index) != NULL) {
		spin_unlock(&cache_lock);
		page_put(page);
		return NULL;
	}
	page_get(page);
	page->index = index;
	page->group = (unsigned char)group;
	page_set(page, PAGE_LOCKED | PAGE_CACHED);
	page->hash_next = buckets[index % BUCKETS];
	buckets[index % BUCKETS] = page;
	atomic_fetch_add_explicit(&cached, 1, memory_order_relaxed);
	spin_unlock(&cache_lock);
	return page;
}

/* fill: read pages that follow each other, then let others have them. */
static void
fill(struct page **run, unsigned count)
{
	uint64_t physical[DISK_MAX_PAGES] = {0};

	if (count == 0)
		return;
	for (unsigned i = 0; i < count; i++)
		physical[i] = frame_of(run[i]) << PAGE_SHIFT;
	if (!disk_read(run[0]->index, count, physical))
		panic("the disk cannot read page %lu", run[0]->index);
	for (unsigned i = 0; i < count; i++) {
		page_set(run[i], PAGE_ACCESSED);
		lru_add(run[i]);
		page_unlock(run[i]);
		page_put(run[i]);
	}
}

bool
cache_read(uint64_t index, unsigned group)
{
	uint64_t start = index - index % DISK_MAX_PAGES, end = start + DISK_MAX_PAGES;
	struct page *run[DISK_MAX_PAGES];
	unsigned count = 0;
	bool whole = true;

	if (end > file_pages())
		end = file_pages();
	for (uint64_t at = start; at < end && whole; at++) {
		struct page *page = page_alloc();

		whole = page != NULL;
		if (whole)
			page = insert(page, at, group);
		if (page != NULL) {
			run[count++] = page;
		} else {
			fill(run, count);
			count = 0;
		}
	}
	fill(run, count);
	return whole;
}

bool
cache_remove(struct page *page)
{
	struct page **link = &buckets[page->index % BUCKETS];

	spin_lock(&cache_lock);
	if (page_refs(page) != 2 || page_has(page, PAGE_DIRTY) ||
		atomic_load(&page->mapcount) != 0) {
		spin_unlock(&cache_lock);
		return false;
	}
	while (*link != page)
		link = &(*link)->hash_next;
	*link = page->hash_next;
	page_clear(page, PAGE_CACHED);
	atomic_fetch_sub_explicit(&cached, 1, memory_order_relaxed);
	spin_unlock(&cache_lock);
	page_put(page);
	return true;
}

size_t
cache_collect(uint64_t *index, uintptr_t *frames, size_t room, bool wait)
{
	size_t count = 0;

	for (; *index < file_pages() && count < room; ++*index) {
		struct page *page = cache_find(*index);

		if (page == NULL)
			continue;
		if (wait) {
			page_lock(page);
		} else if (!page_trylock(page)) {
			page_put(page);
			continue;
		}
		if (!page_has(page, PAGE_CACHED)) {
			page_unlock(page);
			page_put(page);
		} else {
			frames[count++] = frame_of(page);
		}
	}
	return count;
}
