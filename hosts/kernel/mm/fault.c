// SPDX-License-Identifier: MIT
/*
 * fault.c: a user thread touched a page that its tables do not map, or not so.
 *
 * Under mm.lock nothing is waited for: what is missing (memory, a page of the file, a page's lock)
 * is named, brought about with no lock held, and the fault is looked at again from the start.
 */
#include "mm.h"

enum outcome {
	RESOLVED,
	FORBIDDEN,
	WANTS_MEMORY,
	WANTS_READ,   /* the page of the file is absent */
	WANTS_UNLOCK, /* somebody has the page locked */
	WANTS_AREA    /* somebody has the area claimed */
};

struct fault {
	struct mm *mm;
	uintptr_t address;
	bool write;
	struct area *area;        /* as long as mm.lock is held */
	struct salvo_word *entry; /* the same */
	uintptr_t table;
	uint64_t index;    /* WANTS_READ: of the file */
	unsigned group;    /* the same: of memory */
	struct page *page; /* WANTS_UNLOCK: held */
};

/* entry_value: a new entry. A writable one is clean unless the fault is a write. */
static salvo_pte
entry_value(const struct fault *fault, uintptr_t frame)
{
	salvo_pte value = frame << PAGE_SHIFT | ENTRY_PRESENT | ENTRY_USER | ENTRY_ACCESSED;

	if (fault->area->writable)
		value |= ENTRY_WRITE;
	if (fault->write)
		value |= ENTRY_DIRTY;
	if (fault->area->kind != AREA_IMAGE)
		value |= ENTRY_NO_EXEC;
	if (fault->area->huge)
		value |= ENTRY_LARGE;
	return value;
}

/* set_entry: map frames, each of whose holds becomes the mapping's. => the entry is not present */
static void
set_entry(const struct fault *fault, struct page *page, size_t count)
{
	struct salvo_space *space = &fault->mm->space;

	salvo_port_table_lock(space, fault->table);
	for (size_t i = 0; i < count; i++)
		atomic_fetch_add_explicit(&page[i].mapcount, 1, memory_order_relaxed);
	salvo_atomic_store_release(fault->entry, entry_value(fault, frame_of(page)));
	salvo_port_table_unlock(space, fault->table);
}

/*
 * allow_write: a present entry of a writable area that may be read-only (the page was cleaned, or
 * the area was) becomes writable and dirty in one step: clean and writable again it would hide the
 * write from a reclaim that has already looked. One of a merged page stays as it is, to be copied.
 * Returns the entry as it was found; 0 if it is not present.
 */
static salvo_pte
allow_write(const struct fault *fault)
{
	struct salvo_space *space = &fault->mm->space;
	salvo_pte entry;

	salvo_port_table_lock(space, fault->table);
	entry = salvo_atomic_load(fault->entry);
	if ((entry & ENTRY_PRESENT) == 0)
		entry = 0;
	else if (fault->write && !(fault->area->merged && merged_is_shared(entry)))
		salvo_atomic_or(fault->entry, ENTRY_WRITE | ENTRY_DIRTY | ENTRY_ACCESSED);
	salvo_port_table_unlock(space, fault->table);
	return entry;
}

/* use_present: the fault is one of a right. => the entry is present, allow_write was called */
static enum outcome
use_present(const struct fault *fault, salvo_pte entry)
{
	uintptr_t page = fault->address & -PAGE_SIZE;

	if (!fault->write || !fault->area->merged || !merged_is_shared(entry))
		return RESOLVED;
	return merged_copy(fault->mm, page) ? RESOLVED : WANTS_MEMORY;
}

static enum outcome
map_anonymous(struct fault *fault)
{
	size_t count = fault->area->huge ? HUGE_FRAMES : 1;
	struct page *page = fault->area->huge ? page_alloc_huge() : page_alloc();

	if (page == NULL)
		return fault->area->huge ? FORBIDDEN : WANTS_MEMORY;
	for (size_t i = 0; i < count; i++)
		memset(page_memory(page + i), 0, PAGE_SIZE);
	set_entry(fault, page, count);
	return RESOLVED;
}

static enum outcome
map_file(struct fault *fault)
{
	struct page *page;

	fault->group = fault->area->group;
	fault->index = fault->area->first + ((fault->address - fault->area->start) >> PAGE_SHIFT);
	page = cache_find(fault->index);
	if (page == NULL)
		return WANTS_READ;
	if (!page_trylock(page)) {
		fault->page = page;
		return WANTS_UNLOCK;
	}
	if (!page_has(page, PAGE_CACHED)) {
		page_unlock(page);
		page_put(page);
		return WANTS_READ;
	}
	set_entry(fault, page, 1);
	page_unlock(page);
	return RESOLVED;
}

static enum outcome
map_image(struct fault *fault)
{
	struct page *page =
		page_of(fault->area->first + ((fault->address - fault->area->start) >> PAGE_SHIFT));

	page_get(page);
	set_entry(fault, page, 1);
	return RESOLVED;
}

/* look: => mm.lock */
static enum outcome
look(struct fault *fault, bool execute)
{
	struct area *area = area_find(fault->mm, fault->address);
	salvo_pte entry;

	if (area != NULL && (area->claimed || area->kind == AREA_NONE))
		return WANTS_AREA;
	if (area == NULL || (fault->write && !area->writable) ||
		(execute && area->kind != AREA_IMAGE))
		return FORBIDDEN;
	fault->area = area;
	fault->entry =
		table_entry(fault->mm, fault->address, area->huge ? 2 : 1, true, &fault->table);
	if (fault->entry == NULL)
		return WANTS_MEMORY;
	entry = allow_write(fault);
	if (entry != 0)
		return use_present(fault, entry);
	switch (area->kind) {
	case AREA_ANONYMOUS:
		return map_anonymous(fault);
	case AREA_FILE:
		return map_file(fault);
	case AREA_IMAGE:
		return map_image(fault);
	default: /* its owner's affair */
		return FORBIDDEN;
	}
}

/* bring: what the fault wants, with no lock held. */
static void
bring(const struct fault *fault, enum outcome outcome)
{
	if (outcome == WANTS_AREA) {
		mutex_lock(&fault->mm->lock);
		areas_wait(fault->mm, fault->address, fault->address + 1);
		mutex_unlock(&fault->mm->lock);
	} else if (outcome == WANTS_UNLOCK) {
		page_wait(fault->page);
		page_put(fault->page);
	} else if (outcome == WANTS_MEMORY || !cache_read(fault->index, fault->group)) {
		reclaim_wait();
	}
}

static bool
resolve(struct mm *mm, uintptr_t address, bool write, bool execute)
{
	struct fault fault = {.mm = mm, .address = address, .write = write};

	for (;;) {
		enum outcome outcome;

		mutex_lock(&mm->lock);
		outcome = look(&fault, execute);
		mutex_unlock(&mm->lock);
		if (outcome == RESOLVED || outcome == FORBIDDEN)
			return outcome == RESOLVED;
		bring(&fault, outcome);
	}
}

/* mm_fault: whoever has moved to another CPU meanwhile faults there once more, and comes again. */
bool
mm_fault(struct mm *mm, uintptr_t address, unsigned error_code)
{
	bool write = (error_code & FAULT_WRITE) != 0, execute = (error_code & FAULT_EXECUTE) != 0;

	if (!resolve(mm, address, write, execute))
		return false;
	salvo_spurious_fault(address);
	return true;
}

bool
mm_populate(struct mm *mm, uintptr_t start, uintptr_t end, bool write)
{
	for (uintptr_t at = start; at < end; at += PAGE_SIZE)
		if (!resolve(mm, at, write, false))
			return false;
	return true;
}

salvo_pte
mm_entry(struct mm *mm, uintptr_t address)
{
	struct salvo_word *entry;
	uintptr_t table;
	salvo_pte value = 0;

	mutex_lock(&mm->lock);
	entry = table_entry(mm, address, 1, false, &table);
	if (entry != NULL)
		value = salvo_atomic_load(entry);
	mutex_unlock(&mm->lock);
	return value;
}
