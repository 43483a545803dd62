// SPDX-License-Identifier: MIT
/*
 * writeback.c: brings to the disk what was written to pages of the file.
 *
 * A page that stays mapped is cleaned first: write-protected everywhere, so that the next store
 * faults and makes the entry dirty again. Only when that is flushed is the dirty mark cleared, and
 * after that the page is written: a store that comes later than either leaves a new mark.
 */
#include "mm.h"

#define PERIOD_TICKS (KERNEL_TICKS_PER_SECOND / 4)

struct writeback_stats writeback_stats; /* atomics */

/* sort: by place in the file, so that neighbours are written by one request. Shell's. */
static void
sort(uintptr_t *frames, size_t count)
{
	for (size_t gap = count / 2; gap > 0; gap /= 2)
		for (size_t i = gap; i < count; i++) {
			uintptr_t frame = frames[i];
			uint64_t index = page_of(frame)->index;
			size_t at = i;

			for (; at >= gap && page_of(frames[at - gap])->index > index; at -= gap)
				frames[at] = frames[at - gap];
			frames[at] = frame;
		}
}

static void
write_run(uint64_t index, const uint64_t *physical, unsigned count)
{
	if (count > 0 && !disk_write(index, count, physical))
		panic("the disk cannot write page %lu", index);
}

size_t
write_frames(uintptr_t *frames, size_t count)
{
	uint64_t physical[DISK_MAX_PAGES] = {0}, first = 0;
	unsigned run = 0;
	size_t written = 0;

	sort(frames, count);
	for (size_t i = 0; i < count; i++) {
		struct page *page = page_of(frames[i]);

		if (!page_clear(page, PAGE_DIRTY))
			continue;
		if (run == DISK_MAX_PAGES || page->index != first + run) {
			write_run(first, physical, run);
			run = 0;
		}
		if (run == 0)
			first = page->index;
		physical[run++] = frames[i] << PAGE_SHIFT;
		written++;
	}
	write_run(first, physical, run);
	return written;
}

/* clean: write-protect pages everywhere; their marks then tell which are dirty. */
static void
clean(const uintptr_t *frames, size_t count)
{
	uint64_t start = clock_cycles();
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	salvo_clean(&batch, frames, count);
	salvo_batch_flush(&batch);
	atomic_fetch_add(&writeback_stats.cycles, clock_cycles() - start);
}

/* whole_quota: of as many pages as may be; waits for the memory that it takes. */
static struct quota
whole_quota(void)
{
	struct quota quota = quota_begin(quota_max());

	while (quota.frames == NULL) {
		quota_end(&quota);
		reclaim_wait();
		quota = quota_begin(quota_max());
	}
	return quota;
}

/*
 * clean_file: all pages of the file; with `wait` those too that a fault has locked at the moment.
 * The quota is the only one, so what reclaim has taken away before is on the disk; flushes are as
 * the policy says.
 */
static void
clean_file(bool wait)
{
	uint64_t index = 0;
	size_t count, step = reclaim_step();

	do {
		struct quota quota = whole_quota();

		count = cache_collect(&index, quota.frames, quota.size, wait);
		for (size_t i = 0; i < count; i += step)
			clean(&quota.frames[i], count - i < step ? count - i : step);
		atomic_fetch_add(&writeback_stats.written, write_frames(quota.frames, count));
		for (size_t i = 0; i < count; i++) {
			page_unlock(page_of(quota.frames[i]));
			page_put(page_of(quota.frames[i]));
		}
		quota_end(&quota);
	} while (count > 0);
}

void
file_sync(void)
{
	clean_file(true);
	if (!disk_flush())
		panic("the disk cannot flush");
}

static void
background(void *argument)
{
	(void)argument;
	for (;;) {
		sleep_ticks(PERIOD_TICKS);
		if (rmap_written())
			clean_file(false);
	}
}

void
writeback_start(void)
{
	if (kernel_thread("write-back", background, NULL, -1) == NULL)
		panic("no thread for write-back");
}
