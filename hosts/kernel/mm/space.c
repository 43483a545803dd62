// SPDX-License-Identifier: MIT
/*
 * space.c: address spaces of processes: made, mapped, unmapped, protected, destroyed.
 *
 * This is where salvo's gather is used: begin, clear, unlink tables, finish. Pages and tables go
 * back to frames.c in between, when salvo says that nobody can reach them any more (port.c).
 */
#include "mm.h"
#include "../user/abi.h"

struct mm *
mm_create(void)
{
	struct page *page = page_alloc_reserved();
	uintptr_t root;
	struct mm *mm;

	_Static_assert(sizeof(struct mm) <= PAGE_SIZE, "struct mm must fit into a page");
	if (page == NULL)
		return NULL;
	if (!table_root_alloc(&root)) {
		page_put(page);
		return NULL;
	}
	mm = page_memory(page);
	memset(mm, 0, sizeof(*mm));
	salvo_space_init(&mm->space, root);
	mutex_init(&mm->lock, "address space");
	atomic_store(&mm->pins, 1);
	mm->marked = !atomic_load(&port_refuse_marks);
	return mm;
}

bool
salvo_port_space_pin(struct salvo_space *space)
{
	atomic_fetch_add_explicit(&mm_of(space)->pins, 1, memory_order_relaxed);
	return true;
}

/* The last pin gives the structure back; the tables have gone before. */
void
salvo_port_space_unpin(struct salvo_space *space)
{
	struct mm *mm = mm_of(space);

	if (atomic_fetch_sub_explicit(&mm->pins, 1, memory_order_acq_rel) == 1)
		page_put(page_of(physical_of(mm) >> PAGE_SHIFT));
}

/* mm_destroy: => no thread of the process is left */
void
mm_destroy(struct mm *mm)
{
	struct salvo_gather gather;

	mutex_lock(&mm->lock);
	late_wait(mm, 0, USER_END);
	salvo_space_destroy(&mm->space);
	salvo_gather_begin_dying(&gather, &mm->space);
	while (mm->areas != NULL) {
		if (mm->areas->kind == AREA_SHARED)
			unlink_shared(&gather, mm, mm->areas->start, mm->areas->end);
		else
			salvo_unmap(&gather, mm->areas->start, mm->areas->end);
		area_remove(mm, mm->areas);
	}
	salvo_free_tables(&gather, 0, USER_END);
	salvo_gather_finish(&gather);
	page_put(page_of(mm->space.root >> PAGE_SHIFT));
	areas_free(mm);
	mutex_unlock(&mm->lock);
	salvo_port_space_unpin(&mm->space);
}

/* map: place an area and list it. Returns its address; 0: no room. */
static uintptr_t
map(struct mm *mm, size_t size, struct area area)
{
	if (size == 0)
		return 0;
	mutex_lock(&mm->lock);
	late_collect(mm);
	if (area.start == 0)
		area.start = area_place(mm, size, area.huge);
	area.end = area.start + size;
	if (area.start != 0 && area_add(mm, &area) == NULL)
		area.start = 0;
	mutex_unlock(&mm->lock);
	return area.start;
}

static size_t
whole_pages(size_t size)
{
	return (size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

bool
mm_map_image(struct mm *mm, uintptr_t address, const void *image, size_t size)
{
	return map(mm, whole_pages(size),
		       (struct area){.start = address,
			       .kind = AREA_IMAGE,
			       .first = physical_of(image) >> PAGE_SHIFT}) != 0;
}

uintptr_t
mm_map_anonymous(struct mm *mm, size_t size)
{
	return map(mm, whole_pages(size), (struct area){.kind = AREA_ANONYMOUS, .writable = true});
}

uintptr_t
mm_map_huge(struct mm *mm, size_t size)
{
	return map(mm, size, (struct area){.kind = AREA_ANONYMOUS, .writable = true, .huge = true});
}

uintptr_t
mm_map_file_of(struct mm *mm, unsigned group, uint64_t first, uint64_t pages, bool writable)
{
	if (pages == 0 || first >= file_pages() || pages > file_pages() - first)
		return 0;
	return map(mm, pages * PAGE_SIZE,
		(struct area){.kind = AREA_FILE,
			.first = first,
			.group = (unsigned char)group,
			.writable = writable});
}

uintptr_t
mm_map_file(struct mm *mm, uint64_t first, uint64_t pages, bool writable)
{
	return mm_map_file_of(mm, 0, first, pages, writable);
}

/*
 * unmap_areas: with their areas, and the tables that lie wholly in [from, to), where nothing else
 * is. The areas leave first, so that no walk comes to those tables. => mm.lock; no area sticks out
 */
static bool
unmap_areas(struct mm *mm, struct salvo_gather *gather, uintptr_t start, uintptr_t end)
{
	struct area *area, *next;

	if (salvo_unmap(gather, start, end) != SALVO_OK)
		return false;
	for (area = mm->areas; area != NULL; area = next) {
		next = area->next;
		if (area->start >= start && area->end <= end)
			area_remove(mm, area);
	}
	return true;
}

/* unmap_waiting: all of the gap between the areas before and behind may lose its tables. */
static bool
unmap_waiting(struct mm *mm, uintptr_t start, uintptr_t end)
{
	uintptr_t from = area_gap_start(mm, start), to = area_gap_end(mm, end);
	struct salvo_gather gather;
	bool done;

	salvo_gather_begin(&gather, &mm->space, from, to);
	done = unmap_areas(mm, &gather, start, end);
	if (done)
		salvo_free_tables(&gather, from, to);
	salvo_gather_finish(&gather);
	return done;
}

/*
 * unmap_late: as far as the gap goes in the last page tables; that much cannot be mapped until it
 * is over.
 */
static bool
unmap_late(struct mm *mm, struct late_unmap *late, uintptr_t start, uintptr_t end)
{
	uintptr_t from = area_gap_start(mm, start), to = area_gap_end(mm, end);
	struct salvo_gather *gather = &late->gather.gather;

	if (from < (start & -HUGE_SIZE))
		from = start & -HUGE_SIZE;
	if (to > ((end + HUGE_SIZE - 1) & -HUGE_SIZE))
		to = (end + HUGE_SIZE - 1) & -HUGE_SIZE;
	salvo_gather_begin(gather, &mm->space, from, to);
	if (!unmap_areas(mm, gather, start, end)) {
		salvo_gather_finish(gather);
		return false;
	}
	salvo_free_tables(gather, from, to);
	late_finish(mm, late, from, to);
	return true;
}

/* unmap_once: one gather. => mm.lock; no area sticks out */
static bool
unmap_once(struct mm *mm, uintptr_t start, uintptr_t end)
{
	struct late_unmap *late =
		options.later && area_find(mm, start) != NULL ? late_room(mm) : NULL;
	uint64_t begin = clock_cycles();
	bool done = late != NULL ? unmap_late(mm, late, start, end) : unmap_waiting(mm, start, end);

	mm->cycles += clock_cycles() - begin;
	return done;
}

/* holds_merged: whether pages of [start, end) may be mapped by other entries too. => mm.lock */
static bool
holds_merged(const struct mm *mm, uintptr_t start, uintptr_t end)
{
	for (const struct area *area = mm->areas; area != NULL; area = area->next)
		if (area->merged && area->start < end && area->end > start)
			return true;
	return false;
}

/* protect_once: one gather. => the area is claimed, and has its new rights */
static bool
protect_once(struct mm *mm, uintptr_t start, uintptr_t end, bool writable)
{
	uint64_t begin = clock_cycles();
	struct salvo_gather gather;
	enum salvo_status status;

	salvo_gather_begin(&gather, &mm->space, start, end);
	status = salvo_protect(&gather, start, end, writable ? SALVO_WRITE : 0);
	salvo_gather_finish(&gather);
	mm->cycles += clock_cycles() - begin;
	return status == SALVO_OK;
}

/* holds: whether an area of this kind reaches into [start, end). => mm.lock */
static bool
holds(const struct mm *mm, uintptr_t start, uintptr_t end, enum area_kind kind)
{
	for (const struct area *area = mm->areas; area != NULL; area = area->next)
		if (area->kind == kind && area->start < end && area->end > start)
			return true;
	return false;
}

bool
mm_unmap(struct mm *mm, uintptr_t start, uintptr_t end, size_t step)
{
	bool done = in_user_half(start, end);

	mutex_lock(&mm->lock);
	areas_wait(mm, start, end);
	done = done && !holds(mm, start, end, AREA_SHARED);
	for (uintptr_t at = start; done && at < end; at += step) {
		uintptr_t stop = end - at > step ? at + step : end;

		done = area_split(mm, at) && area_split(mm, stop) && unmap_once(mm, at, stop);
	}
	mutex_unlock(&mm->lock);
	return done;
}

/* set_rights: of the areas of [start, end), which are claimed then. => mm.lock */
static bool
set_rights(struct mm *mm, uintptr_t start, uintptr_t end, bool writable)
{
	areas_wait(mm, start, end);
	if (holds(mm, start, end, AREA_IMAGE) || holds(mm, start, end, AREA_SHARED) ||
		!area_split(mm, start) || !area_split(mm, end))
		return false;
	for (struct area *area = mm->areas; area != NULL; area = area->next)
		if (area->start >= start && area->end <= end)
			area->writable = writable;
	areas_claim(mm, start, end);
	return true;
}

/* Where pages are merged a right is given by faults alone, one by one, for they copy. */
bool
mm_protect(struct mm *mm, uintptr_t start, uintptr_t end, size_t step, bool writable)
{
	bool done = in_user_half(start, end), by_faults;

	mutex_lock(&mm->lock);
	done = done && set_rights(mm, start, end, writable);
	by_faults = writable && holds_merged(mm, start, end);
	mutex_unlock(&mm->lock);
	if (!done)
		return false;
	for (uintptr_t at = start; done && !by_faults && at < end; at += step)
		done = protect_once(mm, at, end - at > step ? at + step : end, writable);
	areas_release(mm, start, end);
	return done;
}

int64_t
mm_syscall(struct mm *mm, unsigned number, const uint64_t arguments[4])
{
	uintptr_t start = arguments[0], end;

	if (arguments[1] > USER_END / PAGE_SIZE || start > USER_END)
		return -1;
	end = start + arguments[1] * PAGE_SIZE;
	switch (number) {
	case SYS_MAP_FILE:
		start = mm_map_file(mm, arguments[0], arguments[1], arguments[2] != 0);
		return start != 0 ? (int64_t)start : -1;
	case SYS_MAP_ANONYMOUS:
		start = mm_map_anonymous(mm, arguments[0] * PAGE_SIZE);
		return start != 0 ? (int64_t)start : -1;
	case SYS_UNMAP:
		return mm_unmap(mm, start, end, end - start) ? 0 : -1;
	case SYS_PROTECT:
		return mm_protect(mm, start, end, end - start, arguments[2] != 0) ? 0 : -1;
	case SYS_CHECK:
		return check_system_call(arguments[0]);
	default:
		return -1;
	}
}
