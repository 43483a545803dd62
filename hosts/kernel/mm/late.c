// SPDX-License-Identifier: MIT
/*
 * late.c: unmaps that wait for nobody (finish=later).
 *
 *   1. clear the entries and take the areas out, with mm.lock held           (space.c)
 *   2. list an area of no kind instead, so that nothing else is mapped there
 *      before 4; a thread that touches it waits                              late_finish
 *   3. salvo_gather_finish_later: ask the other CPUs, and return
 *   4. every CPU has answered, the pages are free: note that, on whatever
 *      CPU it is noticed, interrupts off, whatever locks are held there      over
 *   5. whoever has mm.lock next, and looks for room there, takes the area of
 *      2 out                                                                 late_collect
 *
 * An unmap that has returned promises less than one that waited: another CPU may use the old pages
 * until 4, which are nobody else's until then. What a flush is under way for is in the mm, with
 * room for a few; where that is used up an unmap waits.
 */
#include "mm.h"

enum { FREE, UNDER_WAY, OVER };

struct late_unmap *
late_room(struct mm *mm)
{
	late_collect(mm);
	for (unsigned i = 0; i < LATE_UNMAPS; i++)
		if (atomic_load(&mm->late[i].state) == FREE)
			return &mm->late[i];
	return NULL;
}

static void
over(struct salvo_late_gather *gather)
{
	struct late_unmap *late = (struct late_unmap *)(void *)gather;

	/* Pairs with the acquire in late_collect: the structure is not looked at any more. */
	atomic_store_explicit(&late->state, OVER, memory_order_release);
}

void
late_finish(struct mm *mm, struct late_unmap *late, uintptr_t start, uintptr_t end)
{
	late->area = area_add(mm, &(struct area){.start = start, .end = end, .kind = AREA_NONE});
	if (late->area == NULL)
		panic("no area in place of those that were taken out");
	atomic_store(&late->state, UNDER_WAY);
	salvo_gather_finish_later(&late->gather, over);
}

void
late_collect(struct mm *mm)
{
	for (unsigned i = 0; i < LATE_UNMAPS; i++) {
		struct late_unmap *late = &mm->late[i];

		if (atomic_load_explicit(&late->state, memory_order_acquire) != OVER)
			continue;
		area_remove(mm, late->area);
		atomic_store(&late->state, FREE);
	}
}

/* under_way: whether a late unmap of [start, end) is. => mm.lock */
static bool
under_way(struct mm *mm, uintptr_t start, uintptr_t end)
{
	late_collect(mm);
	for (unsigned i = 0; i < LATE_UNMAPS; i++)
		if (atomic_load(&mm->late[i].state) != FREE && mm->late[i].area->start < end &&
			mm->late[i].area->end > start)
			return true;
	return false;
}

/* Nobody is woken when it is over: who notices may not take the locks that this takes. */
void
late_wait(struct mm *mm, uintptr_t start, uintptr_t end)
{
	while (under_way(mm, start, end)) {
		mutex_unlock(&mm->lock);
		sleep_ticks(1);
		mutex_lock(&mm->lock);
	}
}

void
mm_settle(struct mm *mm)
{
	mutex_lock(&mm->lock);
	late_wait(mm, 0, USER_END);
	mutex_unlock(&mm->lock);
}
