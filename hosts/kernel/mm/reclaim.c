// SPDX-License-Identifier: MIT
/*
 * reclaim.c: makes memory free by taking pages of the file away.
 *
 * A pass goes over the whole of the zone, which here is all memory:
 *   1. of each group of memory, isolate its share of pages that were not used
 *      lately, locked and held                                                   (lru.c)
 *   2. salvo_reclaim: clear every entry that maps one of them
 *   3. salvo_batch_flush: no CPU reaches them any more; once, however many
 *      groups there are (flush=group: once a group)
 *   4. write those to the disk that are dirty                                    (writeback.c)
 *   5. take them out of the page cache, which frees them
 * Only then is it known how many pages have become free, and whether to go on: so the flush can
 * wait for the last group, but not for the last pass.
 *
 * Memory given away before step 3 would let a thread read, or write, what is somebody else's by
 * then. The more pages a pass takes, the fewer flushes; policy=page takes one. All groups' pages go
 * to one salvo_reclaim: its two phases, where the CPU needs them, are two flushes a call.
 */
#include "mm.h"

#define PATIENCE     (5 * KERNEL_TICKS_PER_SECOND) /* ticks in which nobody frees a page */
#define DIRECT_PAGES 32                            /* that a faulting thread makes free at least */

/*
 * Pages that all quotas allow; never more than quota_max(). Who has so many works alone, those with
 * one work side by side. `turn` is held while waiting, so the large are not starved.
 */
static struct mutex turn = MUTEX("reclaim turn");
static struct spinlock room_lock = SPINLOCK("reclaim room");
static size_t taken;                /* room_lock */
struct reclaim_stats reclaim_stats; /* atomics */

/* The background thread sleeps until free memory is below `low`, then works until `high`. */
static struct spinlock wake_lock = SPINLOCK("reclaim wake");
static atomic_bool asleep; /* written with wake_lock held */

/* A sixth of memory: four CPUs are then interrupted a handful of times for a thousand pages. */
size_t
quota_max(void)
{
	size_t pages = frames_total() / 6;

	return pages < QUOTA_MAX ? pages : QUOTA_MAX;
}

size_t
reclaim_step(void)
{
	return options.batch ? quota_max() : 1;
}

struct quota
quota_begin(size_t size)
{
	struct page *page;

	mutex_lock(&turn);
	spin_lock(&room_lock);
	while (taken + size > quota_max())
		sleep_on(&taken, &room_lock);
	taken += size;
	spin_unlock(&room_lock);
	mutex_unlock(&turn);
	page = page_alloc_reserved();
	return (struct quota){.frames = page != NULL ? page_memory(page) : NULL, .size = size};
}

void
quota_end(const struct quota *quota)
{
	if (quota->frames != NULL)
		page_put(page_of(physical_of(quota->frames) >> PAGE_SHIFT));
	spin_lock(&room_lock);
	taken -= quota->size;
	wake_all(&taken);
	spin_unlock(&room_lock);
}

static bool
below_low(void)
{
	return frames_free() < frames_reserve() + quota_max() / 2;
}

static bool
below_high(void)
{
	return frames_free() < frames_reserve() + quota_max() + quota_max() / 2;
}

/* unmap: steps 2 and 3. */
static void
unmap(const uintptr_t *frames, size_t count)
{
	uint64_t start = clock_cycles();
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, frames, count);
	salvo_batch_flush(&batch);
	atomic_fetch_add(&reclaim_stats.cycles, clock_cycles() - start);
	atomic_fetch_add(&reclaim_stats.flushes, 1);
}

/* take_away: step 5. A page that somebody got hold of meanwhile stays. Returns the pages freed. */
static size_t
take_away(const uintptr_t *frames, size_t count)
{
	size_t freed = 0;

	for (size_t i = 0; i < count; i++) {
		struct page *page = page_of(frames[i]);

		if (cache_remove(page))
			freed++;
		else
			lru_add(page);
		page_unlock(page);
		page_put(page);
	}
	return freed;
}

/*
 * isolate: step 1, of one group: in proportion to what it has, and one at least.
 */
static size_t
isolate(unsigned group, uintptr_t *frames, size_t room, size_t quota)
{
	size_t share = lru_pages(group) * quota / (cache_pages() + 1) + 1, count;

	count = lru_isolate(group, frames, share < room ? share : room);
	if (count > 0)
		atomic_fetch_add(&reclaim_stats.groups, 1);
	return count;
}

/*
 * unmap_zone: steps 1 to 3; returns how many pages. Another group comes first each time, so that
 * passes of one page take from all in turn.
 */
static size_t
unmap_zone(uintptr_t *frames, size_t quota)
{
	static atomic_uint turn;
	unsigned first = atomic_fetch_add(&turn, 1);
	size_t count = 0, unmapped = 0;

	for (unsigned i = 0; i < MEMORY_GROUPS && count < quota; i++) {
		unsigned group = (first + i) % MEMORY_GROUPS;

		count += isolate(group, frames + count, quota - count, quota);
		if (options.flush_groups && count > unmapped) {
			unmap(frames + unmapped, count - unmapped);
			unmapped = count;
		}
	}
	if (count > unmapped)
		unmap(frames + unmapped, count - unmapped);
	return count;
}

/* reclaim_zone: a pass; returns the pages freed. */
static size_t
reclaim_zone(const struct quota *quota)
{
	size_t count = 0, freed;

	if (quota->frames != NULL)
		count = unmap_zone(quota->frames, quota->size);
	if (count == 0)
		return 0;
	atomic_fetch_add(&reclaim_stats.passes, 1);
	atomic_fetch_add(&reclaim_stats.written, write_frames(quota->frames, count));
	freed = take_away(quota->frames, count);
	atomic_fetch_add(&reclaim_stats.freed, freed);
	return freed;
}

size_t
reclaim_pages(size_t wanted)
{
	size_t freed = 0, now = 1;

	while (freed < wanted && now > 0) {
		struct quota quota = quota_begin(reclaim_step());

		now = reclaim_zone(&quota);
		quota_end(&quota);
		freed += now;
	}
	return freed;
}

/*
 * background: a pass at a tick, so that it leaves the CPUs to those that need the memory. Who
 * needs more than that reclaims by itself.
 */
static void
background(void *argument)
{
	(void)argument;
	for (;;) {
		spin_lock(&wake_lock);
		atomic_store(&asleep, true);
		while (!below_low())
			sleep_on(&asleep, &wake_lock);
		atomic_store(&asleep, false);
		spin_unlock(&wake_lock);
		do {
			reclaim_pages(1);
			sleep_ticks(1);
		} while (below_high());
	}
}

void
reclaim_wake(void)
{
	if (!below_low() || !atomic_load(&asleep))
		return;
	spin_lock(&wake_lock);
	wake_all(&asleep);
	spin_unlock(&wake_lock);
}

/* reclaim_directly: returns the pages freed; 0 too if others have freed enough meanwhile. */
static size_t
reclaim_directly(void)
{
	size_t freed = 0, now;

	do {
		struct quota quota = quota_begin(reclaim_step());

		now = frames_free() > frames_reserve() + DIRECT_PAGES ? 0 : reclaim_zone(&quota);
		quota_end(&quota);
		freed += now;
	} while (now > 0 && freed < DIRECT_PAGES);
	return freed;
}

/*
 * reclaim_wait: direct reclaim: the background thread was not fast enough, so who needs memory
 * works too. Memory is out when a thread has tried so often, a tick apart, and nobody freed a page
 * meanwhile: threads that try side by side, or a slow emulator, do not shorten that.
 */
void
reclaim_wait(void)
{
	uint64_t freed = atomic_load(&reclaim_stats.freed);
	unsigned tries = 0;

	reclaim_wake();
	while (reclaim_directly() == 0 && frames_free() <= frames_reserve()) {
		uint64_t before = freed;

		freed = atomic_load(&reclaim_stats.freed);
		tries = freed == before ? tries + 1 : 0;
		if (tries > PATIENCE)
			panic("out of memory: %lu frames free, %lu pages of the file",
				frames_free(), cache_pages());
		sleep_ticks(1);
	}
}

void
reclaim_start(void)
{
	if (kernel_thread("reclaim", background, NULL, -1) == NULL)
		panic("no thread for reclaim");
}
