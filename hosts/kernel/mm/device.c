// SPDX-License-Identifier: MIT
/*
 * device.c: a device that reads memory by the page tables of a space, with a TLB of its own.
 *
 * It is told of what changes through salvo_port_invalidate_begin and _end alone: no interrupt and
 * no flush instruction reaches it. Between the two it looks at no table of the space; what it had
 * found before in the range is forgotten when the first returns, and its reads of it are over.
 */
#include "mm.h"

#define DEVICE_ENTRIES 16

/* It holds this lock while it walks, and while it reads a page. */
static struct spinlock device_lock = SPINLOCK("device");
static _Atomic(struct mm *) attached; /* written with device_lock held */
static struct {
	uintptr_t page; /* its address; 0: free */
	uintptr_t frame;
} cache[DEVICE_ENTRIES]; /* device_lock */

/* forget: => device_lock */
static void
forget(uintptr_t start, uintptr_t end)
{
	for (unsigned i = 0; i < DEVICE_ENTRIES; i++)
		if (cache[i].page >= start && cache[i].page < end)
			cache[i].page = 0;
}

static void
attach(struct mm *mm)
{
	spin_lock(&device_lock);
	forget(0, UINTPTR_MAX);
	atomic_store(&attached, mm);
	spin_unlock(&device_lock);
}

void
device_attach(struct mm *mm)
{
	attach(mm);
}

void
device_detach(void)
{
	attach(NULL);
}

/* look_up: by its own TLB, else by the tables; false: neither tells. => device_lock */
static bool
look_up(struct mm *mm, uintptr_t page, uintptr_t *frame)
{
	unsigned place = (page >> PAGE_SHIFT) % DEVICE_ENTRIES;
	struct salvo_word *entry;
	uintptr_t table;
	salvo_pte value;

	if (cache[place].page == page) {
		*frame = cache[place].frame;
		return true;
	}
	/* After device_attach's store: pairs with salvo_port_invalidate_begin. */
	if (atomic_load(&mm->invalidated) != 0)
		return false;
	entry = table_entry(mm, page, 1, false, &table);
	value = entry != NULL ? salvo_atomic_load(entry) : 0;
	if ((value & ENTRY_PRESENT) == 0)
		return false;
	*frame = cache[place].frame = salvo_arch_pte_frame(value, 1);
	cache[place].page = page;
	return true;
}

bool
device_read(uintptr_t address, uint64_t *value)
{
	uintptr_t page = address & -PAGE_SIZE, frame;
	struct mm *mm;
	bool mapped;

	spin_lock(&device_lock);
	mm = atomic_load(&attached);
	mapped = mm != NULL && look_up(mm, page, &frame);
	if (mapped)
		memcpy(value, (char *)page_memory(page_of(frame)) + (address - page),
			sizeof(*value));
	spin_unlock(&device_lock);
	return mapped;
}

/*
 * The count is raised first: a device that is attached after the look at `attached` sees it, and
 * one that walked before has the lock.
 */
void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	struct mm *mm = mm_of(space);

	atomic_fetch_add(&mm->invalidated, 1);
	if (atomic_load(&attached) != mm)
		return;
	spin_lock(&device_lock);
	forget(start, end);
	spin_unlock(&device_lock);
}

void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)start;
	(void)end;
	atomic_fetch_sub(&mm_of(space)->invalidated, 1);
}
