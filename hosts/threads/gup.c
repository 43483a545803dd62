// SPDX-License-Identifier: MIT
/*
 * gup.c: the page behind an address of any space, found in its tables without a lock. Tables stay
 * until the walk is over; pages may go, so a hold is taken of one that somebody holds, and its
 * entry looked at again, and those above: a collapse leaves the entry as it was and unlinks its
 * table.
 */
#include <host.h>

/* Entries on the way to a page, and what they were. */
struct path {
	const struct salvo_word *entries[SALVO_ARCH_LEVELS];
	salvo_pte values[SALVO_ARCH_LEVELS];
	unsigned count;
	unsigned level; /* of the last */
};

/* read_table: the entry of a table; that it is one still is what the walk is promised. */
static salvo_pte
read_table(struct path *path, uintptr_t frame, uintptr_t address)
{
	const struct salvo_word *table = mmu_frame_memory(frame);
	uintptr_t incarnation = mmu_frame_incarnation(frame);

	table += mmu_index(address, path->level);
	host_tell(HOST_WALK, frame, 0);
	path->entries[path->count] = table;
	path->values[path->count] = salvo_atomic_load_acquire(table);
	if (mmu_frame_kind(frame) != MMU_TABLE || mmu_frame_incarnation(frame) != incarnation)
		mmu_violated(MMU_FREED_TABLE, mmu_self, address);
	return path->values[path->count++];
}

/* find: false if nothing is mapped there. */
static bool
find(const struct host_space *space, uintptr_t address, struct path *path)
{
	uintptr_t frame = space->salvo.root >> SALVO_ARCH_PAGE_SHIFT;

	path->count = 0;
	for (path->level = SALVO_ARCH_LEVELS;; path->level--) {
		salvo_pte pte = read_table(path, frame, address);

		if (!salvo_arch_pte_present(pte))
			return false;
		if (salvo_arch_pte_leaf(pte, path->level))
			return true;
		frame = mmu_frame_in(pte);
	}
}

static bool
same(const struct path *path)
{
	for (unsigned i = 0; i < path->count; i++)
		if (((salvo_atomic_load_acquire(path->entries[i]) ^ path->values[i]) &
			    ~(MMU_ACCESSED | MMU_DIRTY)) != 0)
			return false;
	return true;
}

/* hold: one more reference, unless there is none. */
static bool
hold(uintptr_t frame)
{
	uintptr_t refs = salvo_atomic_load(&host_pages[frame].refs);

	host_tell(HOST_WALK, frame, 0);
	while (refs != 0)
		if (salvo_atomic_compare_exchange(&host_pages[frame].refs, &refs, refs + 1))
			return true;
	return false;
}

/* host_gup: the frame, held for the caller; 0 if nothing is there, or it is changing. */
uintptr_t
host_gup(const struct host_space *space, uintptr_t address)
{
	uintptr_t irqs = salvo_port_irq_save();
	uintptr_t before = salvo_walk_begin(&space->salvo);
	uintptr_t frame = 0;
	struct path path;

	if (find(space, address, &path)) {
		frame = mmu_frame_in(path.values[path.count - 1]);
		frame += (address & (mmu_span(path.level) - 1)) >> SALVO_ARCH_PAGE_SHIFT;
		if (!hold(frame)) {
			frame = 0;
		} else if (!same(&path)) {
			salvo_walk_end(before);
			salvo_port_irq_restore(irqs);
			host_page_put(frame);
			return 0;
		}
	}
	salvo_walk_end(before);
	salvo_port_irq_restore(irqs);
	return frame;
}
