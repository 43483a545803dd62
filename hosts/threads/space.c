// SPDX-License-Identifier: MIT
/*
 * space.c: spaces and their areas: faults, and the system calls that change mappings. Every promise
 * of one that it has returned is told to the MMU, whose oracle holds CPUs to it.
 */
#include <host.h>

struct host_space host_spaces[HOST_SPACES];

/* Each area has leaf tables of its own; the last one a middle table, too. */
static const uintptr_t area_starts[HOST_AREAS] = {0x0, 0x2000, 0x40000};

/* ---- Life of a space ---- */

static salvo_root
new_root(void)
{
	uintptr_t frame = host_table_new();
	uintptr_t kernel = host_machine.kernel.root >> SALVO_ARCH_PAGE_SHIFT;
	uintptr_t top = mmu_index(MMU_KERNEL_BASE, SALVO_ARCH_LEVELS);
	struct salvo_word *from = mmu_frame_memory(kernel);
	struct salvo_word *to = mmu_frame_memory(frame);

	salvo_atomic_store_release(&to[top], salvo_atomic_load_acquire(&from[top]));
	return frame << SALVO_ARCH_PAGE_SHIFT;
}

/* host_space_new: a space with one user and no area mapped, or NULL: all are in use. */
struct host_space *
host_space_new(void)
{
	for (unsigned i = 0; i < HOST_SPACES; i++) {
		struct host_space *space = &host_spaces[i];
		uintptr_t free = 0;

		if (!salvo_atomic_compare_exchange(&space->pins, &free, 1))
			continue;
		salvo_space_init(&space->salvo, new_root());
		for (unsigned a = 0; a < HOST_AREAS; a++)
			space->areas[a] = (struct host_area){.space = space,
				.start = area_starts[a],
				.end = area_starts[a] + HOST_FILE_PAGES * HOST_PAGE};
		salvo_atomic_store_release(&space->users, 1);
		return space;
	}
	return NULL;
}

bool
host_space_get(struct host_space *space)
{
	uintptr_t users = salvo_atomic_load(&space->users);

	while (users != 0)
		if (salvo_atomic_compare_exchange(&space->users, &users, users + 1))
			return true;
	return false;
}

bool
salvo_port_space_pin(struct salvo_space *space)
{
	salvo_atomic_add(&((struct host_space *)(void *)space)->pins, 1);
	return true;
}

void
salvo_port_space_unpin(struct salvo_space *space)
{
	salvo_atomic_add(&((struct host_space *)(void *)space)->pins, (uintptr_t)-1);
}

/* unlist: the reverse map does not find the area any more. */
static void
unlist(struct host_area *area)
{
	host_lock(&host_file.lock);
	for (unsigned i = 0; i < HOST_FILE_AREAS; i++)
		if (host_file.areas[i] == area)
			host_file.areas[i] = NULL;
	host_unlock(&host_file.lock);
}

/* host_space_free: => no user is left; a flush of it that nobody waited for may not be over */
void
host_space_free(struct host_space *space)
{
	struct salvo_gather gather;

	for (unsigned i = 0; i < HOST_AREAS; i++) {
		host_lock(&space->areas[i].lock);
		host_unlock(&space->areas[i].lock);
	}
	salvo_space_destroy(&space->salvo);
	salvo_gather_begin_dying(&gather, &space->salvo);
	for (unsigned i = 0; i < HOST_AREAS; i++) {
		struct host_area *area = &space->areas[i];

		if (!area->mapped)
			continue;
		salvo_unmap(&gather, area->start + salvo_atomic_load(&area->offset),
			area->end + salvo_atomic_load(&area->offset));
		unlist(area);
		area->mapped = false;
	}
	salvo_free_tables(&gather, 0, MMU_KERNEL_BASE);
	salvo_gather_finish(&gather);
	mmu_frame_give(space->salvo.root >> SALVO_ARCH_PAGE_SHIFT);
	salvo_port_space_unpin(&space->salvo);
}

void
host_space_put(struct host_space *space)
{
	if (salvo_atomic_add(&space->users, (uintptr_t)-1) == 1)
		host_space_free(space);
}

/* host_load: run on a space that the caller has a use of. The one before keeps its user. */
void
host_load(struct host_space *space)
{
	uintptr_t irqs = salvo_port_irq_save();

	salvo_space_load(&space->salvo);
	host_self()->space = space;
	salvo_port_irq_restore(irqs);
}

void
host_load_kernel(void)
{
	uintptr_t irqs = salvo_port_irq_save();

	salvo_space_load(&host_machine.kernel);
	host_self()->space = NULL;
	salvo_port_irq_restore(irqs);
}

/* ---- Faults ---- */

/* allow_write: with Dirty, so that a reclaim between its two phases finds it. */
static void
allow_write(struct salvo_word *entry, uintptr_t table)
{
	host_lock(host_table_lock(table));
	if (salvo_arch_pte_present(salvo_atomic_load(entry)))
		salvo_atomic_or(entry, MMU_WRITE | MMU_DIRTY);
	host_unlock(host_table_lock(table));
}

/*
 * map_in: map a page where none is, with the area's rights, but not writable where a write is to be
 * noticed by its fault; or let a present entry be written to. => the area's and the page's locks
 */
static void
map_in(struct host_area *area, uintptr_t address, uintptr_t frame, salvo_pte need)
{
	uintptr_t table;
	struct salvo_word *entry = host_entry(area->space->salvo.root, address, true, &table);
	salvo_pte pte = salvo_atomic_load_acquire(entry);

	if (!salvo_arch_pte_present(pte))
		host_map(area->space, address, frame,
			salvo_arch_pte_protect(need & MMU_DIRTY, area->rights));
	else if ((need & ~pte & MMU_WRITE) != 0)
		allow_write(entry, table);
	salvo_spurious_fault(address);
}

static void
fault_in(struct host_area *area, uintptr_t address, salvo_pte need)
{
	uintptr_t frame;

	if (area->file) {
		struct host_file_page *page = host_file_page_lock(
			((address & ~HOST_MOVED) - area->start) >> SALVO_ARCH_PAGE_SHIFT);

		map_in(area, address, salvo_atomic_load(&page->frame), need);
		host_unlock(&page->lock);
		return;
	}
	frame = host_page_new();
	map_in(area, address, frame, need);
	host_page_put(frame);
}

/* host_fault: make the access possible, if the area there allows it. */
bool
host_fault(struct host_space *space, uintptr_t address, salvo_pte need)
{
	salvo_pte rights;
	struct host_area *area = NULL;

	for (unsigned i = 0; i < HOST_AREAS; i++)
		if ((address & ~HOST_MOVED) >= space->areas[i].start &&
			(address & ~HOST_MOVED) < space->areas[i].end)
			area = &space->areas[i];
	if (area == NULL)
		return false;
	address &= ~(HOST_PAGE - 1);
	host_lock(&area->lock);
	rights = salvo_arch_pte_protect(0, area->rights);
	if (!area->mapped || (need & (MMU_WRITE | MMU_EXEC) & ~rights) != 0 ||
		(address & HOST_MOVED) != salvo_atomic_load(&area->offset)) {
		host_unlock(&area->lock);
		return false;
	}
	fault_in(area, address, need);
	host_unlock(&area->lock);
	return true;
}

/* ---- Areas: each call takes the area's lock, and passes an area that is not mapped ---- */

void
host_mmap(struct host_area *area, bool file, unsigned rights)
{
	host_lock(&area->lock);
	if (!area->mapped) {
		area->file = file;
		area->rights = rights;
		area->mapped = true;
		if (file) {
			unsigned i = 0;

			host_lock(&host_file.lock);
			while (host_file.areas[i] != NULL)
				i++;
			host_file.areas[i] = area;
			host_unlock(&host_file.lock);
		}
	}
	host_unlock(&area->lock);
}

/*
 * A gather on a part of an area, which is locked meanwhile: until the flush is over, also where
 * nobody waits for that (late).
 */
struct change {
	struct host_area *area;
	uintptr_t start, end; /* where it is now */
	struct salvo_gather *gather;
	struct salvo_gather own; /* where somebody waits */
};

/*
 * change_begin: of a part as host_zap is told it. False, with nothing locked: it is not mapped.
 * late: the end may be one that does not wait, if the CPU is to do so. => no table is to be freed
 */
static bool
change_begin(
	struct change *change, struct host_area *area, uintptr_t start, uintptr_t end, bool late)
{
	struct salvo_space *space = &area->space->salvo;
	uintptr_t offset;

	host_lock(&area->lock);
	if (!area->mapped) {
		host_unlock(&area->lock);
		return false;
	}
	offset = salvo_atomic_load(&area->offset);
	change->area = area;
	change->start = start + offset;
	change->end = end + offset;
	change->gather = late && host_self()->hasty ? &area->late.gather : &change->own;
	mmu_change_begin(space->root, change->start, change->end);
	salvo_gather_begin(change->gather, space, change->start, change->end);
	return true;
}

static void
is_over(struct host_area *area, uintptr_t start, uintptr_t end)
{
	mmu_change_end(area->space->salvo.root, start, end);
	host_unlock(&area->lock);
}

/* late_is_over: on whatever CPU. The lock is let go, none is taken. */
static void
late_is_over(struct salvo_late_gather *late)
{
	struct host_area *area =
		(struct host_area *)(void *)((char *)late - offsetof(struct host_area, late));

	is_over(area, area->late_start, area->late_end);
}

static void
change_end(struct change *change)
{
	struct host_area *area = change->area;

	if (change->gather == &change->own) {
		salvo_gather_finish(change->gather);
		is_over(area, change->start, change->end);
	} else {
		area->late_start = change->start;
		area->late_end = change->end;
		salvo_gather_finish_later(&area->late, late_is_over);
	}
}

void
host_munmap(struct host_area *area)
{
	struct change change;

	if (!change_begin(&change, area, area->start, area->end, false))
		return;
	salvo_unmap(change.gather, change.start, change.end);
	unlist(area);
	salvo_free_tables(change.gather, change.start, change.end);
	area->mapped = false;
	change_end(&change);
}

void
host_zap(struct host_area *area, uintptr_t start, uintptr_t end)
{
	struct change change;

	if (!change_begin(&change, area, start, end, true))
		return;
	salvo_unmap(change.gather, change.start, change.end);
	change_end(&change);
}

void
host_protect(struct host_area *area, unsigned rights)
{
	struct change change;

	if (!change_begin(&change, area, area->start, area->end, true))
		return;
	area->rights = rights;
	salvo_protect(change.gather, change.start, change.end, rights);
	change_end(&change);
}

/* host_track: the next write and the next use of each page are to be seen. */
void
host_track(struct host_area *area)
{
	struct change change;

	if (!change_begin(&change, area, area->start, area->end, true))
		return;
	salvo_track(change.gather, change.start, change.end,
		SALVO_TRACK_SOFT_DIRTY | SALVO_TRACK_ACCESSED);
	change_end(&change);
}

/* copy_page: a new page with what the old one holds, and its bits. */
static salvo_pte
copy_page(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	uintptr_t frame = host_page_new();
	struct salvo_word *from = mmu_frame_memory(mmu_frame_in(old));
	struct salvo_word *to = mmu_frame_memory(frame);

	(void)address;
	(void)level;
	(void)context;
	salvo_atomic_store(&host_pages[frame].mapped, 1);
	for (unsigned i = 0; i < HOST_PAGE / sizeof(*to); i++)
		salvo_atomic_store(&to[i], salvo_atomic_load(&from[i]));
	return frame << SALVO_ARCH_PAGE_SHIFT | (old & (HOST_PAGE - 1));
}

void
host_migrate(struct host_area *area, uintptr_t start, uintptr_t end)
{
	struct change change;

	if (!change_begin(&change, area, start, end, false))
		return;
	if (!area->file)
		salvo_replace(change.gather, change.start, change.end, copy_page, NULL);
	change_end(&change);
}

/* set_places: for the reverse map, which looks at all of an area with the file's lock held. */
static void
set_places(struct host_area *area, uintptr_t offset, uintptr_t next)
{
	host_lock(&host_file.lock);
	salvo_atomic_store(&area->offset, offset);
	salvo_atomic_store(&area->next, next);
	host_unlock(&host_file.lock);
}

/* host_move: the reverse map has both places before the gather begins, and one when it is done. */
void
host_move(struct host_area *area)
{
	uintptr_t from, to, size = area->end - area->start;
	struct change change;

	if (!change_begin(&change, area, area->start, area->end, false))
		return;
	from = change.start;
	to = from ^ HOST_MOVED;
	(void)host_entry(area->space->salvo.root, to, true, NULL);
	set_places(area, from - area->start, to - area->start);
	if (salvo_move(change.gather, from, to, size) != SALVO_OK)
		salvo_port_broken("all of an area moves", __FILE__, __LINE__);
	set_places(area, to - area->start, to - area->start);
	change_end(&change);
}
