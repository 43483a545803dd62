// SPDX-License-Identifier: MIT
/*
 * writeback.c: reclaim and write-out of the file's pages, and remaps in the kernel's part. A page
 * given up clean must be what is on the disk: if not, a write is lost (invariant 2).
 */
#include <host.h>

#define MOST 32

/* Pages that a reclaim or a clean works on, their locks held. */
struct work {
	size_t count;
	struct host_file_page *pages[MOST];
	uintptr_t frames[MOST];
};

static void
take(struct work *work, const uintptr_t *indexes, size_t count)
{
	work->count = 0;
	for (size_t i = 0; i < count && work->count < MOST; i++) {
		struct host_file_page *page = &host_file.pages[indexes[i]];
		uintptr_t frame;

		if (!host_try_lock(&page->lock))
			continue;
		frame = salvo_atomic_load(&page->frame);
		if (frame == 0) {
			host_unlock(&page->lock);
			continue;
		}
		work->pages[work->count] = page;
		work->frames[work->count++] = frame;
		mmu_frame_change_begin(frame);
	}
}

static uintptr_t
content(uintptr_t frame)
{
	return salvo_atomic_load((struct salvo_word *)mmu_frame_memory(frame));
}

/* write_out: => the flush that followed the page's cleaning has returned */
static void
write_out(struct host_file_page *page, uintptr_t frame)
{
	if (salvo_atomic_exchange(&host_pages[frame].dirty, 0) != 0)
		page->disk = content(frame);
}

/* give_up: free a page that nothing maps or holds any more. */
static void
give_up(struct host_file_page *page, uintptr_t frame)
{
	if (salvo_atomic_load_acquire(&host_pages[frame].mapped) != 0 ||
		salvo_atomic_load_acquire(&host_pages[frame].refs) != 1)
		return;
	write_out(page, frame);
	if (content(frame) != page->disk)
		mmu_violated(MMU_LOST_WRITE, mmu_self, host_pages[frame].index);
	salvo_atomic_store(&page->frame, 0);
	host_page_put(frame);
}

void
host_reclaim(const uintptr_t *indexes, size_t count)
{
	struct salvo_batch batch;
	struct work work;

	take(&work, indexes, count);
	salvo_batch_begin(&batch);
	host_self()->reclaiming = true;
	salvo_reclaim(&batch, work.frames, work.count);
	host_self()->reclaiming = false;
	salvo_batch_flush(&batch);
	for (size_t i = 0; i < work.count; i++) {
		mmu_frame_change_end(work.frames[i]);
		give_up(work.pages[i], work.frames[i]);
		host_unlock(&work.pages[i]->lock);
	}
}

void
host_clean(const uintptr_t *indexes, size_t count)
{
	struct salvo_batch batch;
	struct work work;

	take(&work, indexes, count);
	salvo_batch_begin(&batch);
	salvo_clean(&batch, work.frames, work.count);
	salvo_batch_flush(&batch);
	for (size_t i = 0; i < work.count; i++) {
		mmu_frame_change_end(work.frames[i]);
		write_out(work.pages[i], work.frames[i]);
		host_unlock(&work.pages[i]->lock);
	}
}

void
host_age(uintptr_t index)
{
	struct host_file_page *page = &host_file.pages[index];

	if (!host_try_lock(&page->lock))
		return;
	if (salvo_atomic_load(&page->frame) != 0)
		(void)salvo_age(salvo_atomic_load(&page->frame));
	host_unlock(&page->lock);
}

void
host_kernel_remap(unsigned page)
{
	uintptr_t address = MMU_KERNEL_BASE + page * HOST_PAGE;
	uintptr_t table;
	struct salvo_word *entry = host_entry(host_machine.kernel.root, address, false, &table);
	salvo_pte before;

	host_lock(host_table_lock(table));
	mmu_change_begin(0, address, address + HOST_PAGE);
	before = salvo_atomic_exchange(entry, 0);
	salvo_flush_page(&host_machine.kernel, address);
	mmu_change_end(0, address, address + HOST_PAGE);
	host_page_put(before >> SALVO_ARCH_PAGE_SHIFT);
	salvo_atomic_store_release(entry,
		host_page_new() << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_WRITE | MMU_GLOBAL);
	host_unlock(host_table_lock(table));
}
