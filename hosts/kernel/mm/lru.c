// SPDX-License-Identifier: MIT
/*
 * lru.c: which page to give up: the one that came first, unless it was used since (second chance).
 */
#include "mm.h"

static struct spinlock lru_lock = SPINLOCK("LRU");
static struct page list = {.next = &list, .prev = &list}; /* lru_lock; newest first */
static size_t length;                                     /* lru_lock */

/* push, pull: => lru_lock */
static void
push(struct page *page)
{
	page->next = list.next;
	page->prev = &list;
	list.next->prev = page;
	list.next = page;
	length++;
}

static void
pull(struct page *page)
{
	page->next->prev = page->prev;
	page->prev->next = page->next;
	length--;
}

void
lru_add(struct page *page)
{
	spin_lock(&lru_lock);
	push(page);
	spin_unlock(&lru_lock);
}

/* take_oldest: off the list, locked and held; NULL: `turns` pages were tried, or the list is empty.
 */
static struct page *
take_oldest(size_t *turns)
{
	struct page *found = NULL;

	spin_lock(&lru_lock);
	while (*turns > 0 && found == NULL && length > 0) {
		struct page *page = list.prev;

		--*turns;
		pull(page);
		if (page_trylock(page)) {
			page_get(page);
			found = page;
		} else {
			push(page);
		}
	}
	spin_unlock(&lru_lock);
	return found;
}

/* used: since the last time, by an entry or by what salvo passed on of cleared ones. */
static bool
used(struct page *page)
{
	size_t entries = salvo_age(frame_of(page));

	return page_clear(page, PAGE_ACCESSED) || entries > 0;
}

size_t
lru_isolate(uintptr_t *frames, size_t room)
{
	/* Two turns of all pages: after the first none is marked used, but for new uses. */
	size_t turns = 2 * cache_pages() + 1, count = 0;
	struct page *page;

	while (count < room && (page = take_oldest(&turns)) != NULL) {
		if (used(page)) {
			lru_add(page);
			page_unlock(page);
			page_put(page);
		} else {
			frames[count++] = frame_of(page);
		}
	}
	return count;
}
