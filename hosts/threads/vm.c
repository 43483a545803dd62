// SPDX-License-Identifier: MIT
/*
 * vm.c: pages, page tables and the reverse map, and what salvo's port asks of them.
 *
 * A frame that holds a page has one reference from the file and one from each entry that maps it.
 * An unmap takes the mapping off at once and the reference after the flush (salvo_port_free_pages);
 * a reclaim, which holds the file's reference, takes both off together.
 */
#include <host.h>

struct host_file host_file;
struct host_page host_pages[MMU_FRAMES];
struct salvo_word host_chunks_left;
enum host_marks host_marks;

static struct salvo_word marks[MMU_FRAMES]; /* of the tables in them */

/* ---- Pages ---- */

uintptr_t
host_page_new(void)
{
	uintptr_t frame = mmu_frame_take(MMU_PAGE);

	if (frame == 0)
		salvo_port_broken("out of frames", __FILE__, __LINE__);
	salvo_atomic_store(&host_pages[frame].refs, 1);
	salvo_atomic_store(&host_pages[frame].mapped, 0);
	salvo_atomic_store(&host_pages[frame].dirty, 0);
	host_pages[frame].index = 0;
	return frame;
}

void
host_page_put(uintptr_t frame)
{
	if (salvo_atomic_add(&host_pages[frame].refs, (uintptr_t)-1) != 1)
		return;
	host_tell(HOST_FREE_PAGE, frame, 0);
	mmu_frame_give(frame);
}

void
salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	for (size_t i = 0; i < count; i++)
		for (uintptr_t n = 0; n < runs[i].count; n++)
			host_page_put(runs[i].frame + n);
}

void
salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	salvo_walk_sync(space);
	for (size_t i = 0; i < count; i++)
		for (uintptr_t n = 0; n < runs[i].count; n++) {
			host_tell(HOST_FREE_TABLE, runs[i].frame + n, 0);
			mmu_frame_give(runs[i].frame + n);
		}
}

void *
salvo_port_chunk_alloc(void)
{
	uintptr_t left = salvo_atomic_load(&host_chunks_left);
	uintptr_t frame = 0;

	while (left != 0 && frame == 0)
		if (salvo_atomic_compare_exchange(&host_chunks_left, &left, left - 1))
			frame = mmu_frame_take(MMU_BOOK);
	return frame == 0 ? NULL : mmu_frame_memory(frame);
}

void
salvo_port_chunk_free(void *chunk)
{
	mmu_frame_give(mmu_frame_of(chunk));
	salvo_atomic_add(&host_chunks_left, 1);
}

/* No device has a TLB here. */
void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	host_tell(HOST_INVALIDATE_BEGIN, start, end);
}

void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	host_tell(HOST_INVALIDATE_END, start, end);
}

/* ---- Tables ---- */

struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	return mmu_frame_memory(frame);
}

void
salvo_port_table_lock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	host_lock(host_table_lock(frame));
}

void
salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	host_unlock(host_table_lock(frame));
}

struct salvo_word *
salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	struct host_area *areas = ((struct host_space *)(void *)space)->areas;

	if (host_marks == HOST_TABLE_MARKS)
		return &marks[table];
	for (unsigned i = 0; i < HOST_AREAS && host_marks == HOST_AREA_MARKS; i++)
		if ((address & ~HOST_MOVED) >= areas[i].start &&
			(address & ~HOST_MOVED) < areas[i].end)
			return &areas[i].mark;
	return NULL;
}

/* Of two, the lower frame's first. */
void
salvo_port_tables_lock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_lock(space, a < b ? a : b);
	if (a != b)
		salvo_port_table_lock(space, a < b ? b : a);
}

void
salvo_port_tables_unlock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_unlock(space, a);
	if (a != b)
		salvo_port_table_unlock(space, b);
}

uintptr_t
host_table_new(void)
{
	uintptr_t frame = mmu_frame_take(MMU_TABLE);

	salvo_atomic_store(&marks[frame], 0);
	return frame;
}

/* make_table: fill an empty upper-level entry; somebody else may do it first. */
static void
make_table(struct salvo_word *entry, uintptr_t table)
{
	host_lock(host_table_lock(table));
	if (salvo_atomic_load(entry) == 0) {
		uintptr_t frame = host_table_new();

		salvo_atomic_store_release(entry, frame << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT);
	}
	host_unlock(host_table_lock(table));
}

struct salvo_word *
host_entry(salvo_root root, uintptr_t address, bool make, uintptr_t *table)
{
	uintptr_t frame = root >> SALVO_ARCH_PAGE_SHIFT;

	for (unsigned level = SALVO_ARCH_LEVELS;; level--) {
		struct salvo_word *entry =
			(struct salvo_word *)mmu_frame_memory(frame) + mmu_index(address, level);
		salvo_pte pte = salvo_atomic_load_acquire(entry);

		if (level == 1 || (pte & MMU_HUGE) != 0) {
			if (table != NULL)
				*table = frame;
			return entry;
		}
		if (!salvo_arch_pte_present(pte)) {
			if (!make)
				return NULL;
			make_table(entry, frame);
			pte = salvo_atomic_load_acquire(entry);
		}
		frame = pte >> SALVO_ARCH_PAGE_SHIFT;
	}
}

void
host_map(struct host_space *space, uintptr_t address, uintptr_t frame, salvo_pte bits)
{
	uintptr_t table;
	struct salvo_word *entry = host_entry(space->salvo.root, address, true, &table);

	host_lock(host_table_lock(table));
	salvo_atomic_add(&host_pages[frame].refs, 1);
	salvo_atomic_add(&host_pages[frame].mapped, 1);
	salvo_atomic_store_release(entry, frame << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | bits);
	host_unlock(host_table_lock(table));
}

/* ---- The reverse map ---- */

bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	bool mapped = true;

	(void)space;
	host_tell(HOST_RMAP_REMOVE, frame, count);
	for (size_t i = 0; i < count; i++) {
		if (salvo_atomic_add(&host_pages[frame + i].mapped, (uintptr_t)-1) == 0)
			mapped = false;
		if (host_self()->reclaiming)
			salvo_atomic_add(&host_pages[frame + i].refs, (uintptr_t)-1);
	}
	return mapped;
}

/* Entries are found through their area. */
void
salvo_port_rmap_move(
	struct salvo_space *space, uintptr_t frame, size_t count, uintptr_t from, uintptr_t to)
{
	(void)space;
	(void)count;
	(void)to;
	host_tell(HOST_RMAP_MOVE, frame, from);
}

/* visit_entry: if it maps the page. => the file's lock is held */
static void
visit_entry(struct host_area *area, uintptr_t address, uintptr_t frame, salvo_rmap_visit *visit,
	void *context)
{
	struct salvo_mapping mapping = {.space = &area->space->salvo,
		.address = address,
		.stride_shift = SALVO_ARCH_PAGE_SHIFT};
	uintptr_t table;
	salvo_pte pte;

	mapping.entry = host_entry(area->space->salvo.root, address, false, &table);
	if (mapping.entry == NULL)
		return;
	mapping.table = table;
	host_lock(host_table_lock(table));
	pte = salvo_atomic_load(mapping.entry);
	if (salvo_arch_pte_present(pte) && pte >> SALVO_ARCH_PAGE_SHIFT == frame)
		visit(&mapping, context);
	host_unlock(host_table_lock(table));
}

/* visit_area: where it is, and then where it may be by now. => the file's lock is held */
static void
visit_area(struct host_area *area, uintptr_t frame, salvo_rmap_visit *visit, void *context)
{
	uintptr_t address = area->start + (host_pages[frame].index - 1) * HOST_PAGE;
	uintptr_t offset = salvo_atomic_load(&area->offset);
	uintptr_t next = salvo_atomic_load(&area->next);

	visit_entry(area, address + offset, frame, visit, context);
	if (next != offset)
		visit_entry(area, address + next, frame, visit, context);
}

void
salvo_port_rmap_walk(uintptr_t frame, salvo_rmap_visit *visit, void *context)
{
	host_lock(&host_file.lock);
	for (unsigned i = 0; i < HOST_FILE_AREAS; i++)
		if (host_file.areas[i] != NULL)
			visit_area(host_file.areas[i], frame, visit, context);
	host_unlock(&host_file.lock);
}

bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	host_tell(HOST_PAGE_DIRTY, frame, count);
	for (size_t i = 0; i < count; i++)
		salvo_atomic_store_release(&host_pages[frame + i].dirty, 1);
	return host_pages[frame].index != 0;
}

void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	(void)frame;
	(void)count;
}

bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	return salvo_atomic_load_acquire(&host_pages[frame].dirty) != 0;
}

/* host_file_page_lock: the page in memory, read from the disk if need be, and its lock held. */
struct host_file_page *
host_file_page_lock(uintptr_t index)
{
	struct host_file_page *page = &host_file.pages[index];
	uintptr_t frame;

	host_lock(&page->lock);
	if (salvo_atomic_load(&page->frame) != 0)
		return page;
	frame = host_page_new();
	host_pages[frame].index = index + 1;
	salvo_atomic_store(mmu_frame_memory(frame), page->disk);
	salvo_atomic_store_release(&page->frame, frame);
	return page;
}
