// SPDX-License-Identifier: MIT
/*
 * tables.c: the page tables of a space, four levels of them.
 *
 * Tables are added with mm.lock held and unlinked by salvo_free_tables(), under mm.lock too and
 * only where no area is; so whoever knows of an area walks to its entries without a lock.
 */
#include "mm.h"

#define INDEX_MASK  ((1UL << SALVO_ARCH_INDEX_BITS) - 1)
#define ENTRY_FRAME 0x000ffffffffff000UL

bool
table_root_alloc(uintptr_t *root)
{
	struct page *page = page_alloc_reserved();

	if (page == NULL)
		return false;
	memset(page_memory(page), 0, PAGE_SIZE);
	kernel_half_copy(page_memory(page));
	*root = frame_of(page) << PAGE_SHIFT;
	return true;
}

/* table_link: a new, empty table under the entry. Returns the entry's new value; 0: no memory. */
static salvo_pte
table_link(struct salvo_word *entry)
{
	struct page *page = page_alloc_reserved();
	salvo_pte value;

	if (page == NULL)
		return 0;
	memset(page_memory(page), 0, PAGE_SIZE);
	value = frame_of(page) << PAGE_SHIFT | ENTRY_PRESENT | ENTRY_WRITE | ENTRY_USER;
	/* Pairs with the acquire in table_entry(): who finds the table finds it empty. */
	salvo_atomic_store_release(entry, value);
	return value;
}

struct salvo_word *
table_entry(struct mm *mm, uintptr_t address, unsigned level, bool create, uintptr_t *table)
{
	uintptr_t frame = mm->space.root >> PAGE_SHIFT;

	for (unsigned at = SALVO_ARCH_LEVELS;; at--) {
		struct salvo_word *entry = salvo_port_table(frame);
		salvo_pte value;

		entry += address >> SALVO_LEVEL_SHIFT(at) & INDEX_MASK;
		if (at == level) {
			*table = frame;
			return entry;
		}
		/* Pairs with the release in table_link(). */
		value = salvo_atomic_load_acquire(entry);
		if ((value & ENTRY_PRESENT) == 0 && create)
			value = table_link(entry);
		if ((value & ENTRY_PRESENT) == 0 || (value & ENTRY_LARGE) != 0)
			return NULL;
		frame = (value & ENTRY_FRAME) >> PAGE_SHIFT;
	}
}
