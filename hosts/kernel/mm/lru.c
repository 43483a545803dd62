// SPDX-License-Identifier: MIT
/*
 * lru.c: which page of a group of memory to give up: the one that came first, unless it was used
 * since (second chance).
 */
#include "mm.h"

struct list {
	struct page *newest, *oldest; /* by `next`, by `prev`; lru_lock */
	size_t length;                /* lru_lock */
};

static struct spinlock lru_lock = SPINLOCK("LRU");
static struct list lists[MEMORY_GROUPS];

/* push, pull: => lru_lock */
static void
push(struct list *list, struct page *page)
{
	page->next = list->newest;
	page->prev = NULL;
	if (list->newest != NULL)
		list->newest->prev = page;
	else
		list->oldest = page;
	list->newest = page;
	list->length++;
}

/* pull: the oldest; NULL: there is none. */
static struct page *
pull(struct list *list)
{
	struct page *page = list->oldest;

	if (page == NULL)
		return NULL;
	list->oldest = page->prev;
	if (list->oldest != NULL)
		list->oldest->next = NULL;
	else
		list->newest = NULL;
	list->length--;
	return page;
}

void
lru_add(struct page *page)
{
	spin_lock(&lru_lock);
	push(&lists[page->group], page);
	spin_unlock(&lru_lock);
}

size_t
lru_pages(unsigned group)
{
	size_t length;

	spin_lock(&lru_lock);
	length = lists[group].length;
	spin_unlock(&lru_lock);
	return length;
}

/* take_oldest: off the list, locked and held; NULL: `turns` pages were tried, or the list is empty.
 */
static struct page *
take_oldest(struct list *list, size_t *turns)
{
	struct page *found = NULL, *page;

	spin_lock(&lru_lock);
	while (*turns > 0 && found == NULL && (page = pull(list)) != NULL) {
		--*turns;
		if (page_trylock(page)) {
			page_get(page);
			found = page;
		} else {
			push(list, page);
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
lru_isolate(unsigned group, uintptr_t *frames, size_t room)
{
	/* Two turns of all pages: after the first none is marked used, but for new uses. */
	size_t turns = 2 * lru_pages(group) + 1, count = 0;
	struct page *page;

	while (count < room && (page = take_oldest(&lists[group], &turns)) != NULL) {
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
