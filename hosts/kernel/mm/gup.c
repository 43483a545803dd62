// SPDX-License-Identifier: MIT
/*
 * gup.c: a page of the running process, found in its tables without a lock ("GUP-fast").
 *
 *   1. interrupts off: from here this CPU answers nobody
 *   2. walk from the root to the leaf
 *   3. take a hold of the page, and look at the leaf again
 *   4. interrupts on
 *
 * Whoever unlinks a table, or clears the leaf, flushes before it frees, and the flush waits for this
 * CPU's answer, because it has the space loaded and is not lazy. So a table that was found is a table
 * until 4, and a page that was found has a hold of its mapping until then, with which another one
 * may be taken. A leaf that has changed at 3 may have been cleared before the hold was taken: who
 * counts the holds after its flush (collapse, reclaim) has counted it either way.
 */
#include "mm.h"

#define INDEX_MASK ((1UL << SALVO_ARCH_INDEX_BITS) - 1)

/* find: the leaf that maps the address, and its value, or NULL. => interrupts off */
static const struct salvo_word *
find(const struct mm *mm, uintptr_t address, unsigned *level, salvo_pte *value)
{
	uintptr_t frame = mm->space.root >> PAGE_SHIFT;

	for (*level = SALVO_ARCH_LEVELS; *level > 0; --*level) {
		const struct salvo_word *entry = salvo_port_table(frame);

		entry += address >> SALVO_LEVEL_SHIFT(*level) & INDEX_MASK;
		/* Pairs with the release in table_link(). */
		*value = salvo_atomic_load_acquire(entry);
		if ((*value & ENTRY_PRESENT) == 0)
			return NULL;
		if (salvo_arch_pte_leaf(*value, *level))
			return entry;
		frame = salvo_arch_pte_frame(*value, *level);
	}
	return NULL;
}

struct page *
gup_fast(uintptr_t address)
{
	const salvo_pte hardware = ENTRY_ACCESSED | ENTRY_DIRTY;
	bool on = interrupts_disable();
	struct page *page = NULL;
	const struct salvo_word *entry = NULL;
	unsigned level;
	salvo_pte value;

	if (salvo_user_access_ok())
		entry = find(process_mm(thread_process(current_thread())), address, &level, &value);
	if (entry != NULL) {
		page = page_of(salvo_arch_pte_frame(value, level));
		page += (address & ((1UL << SALVO_LEVEL_SHIFT(level)) - 1)) >> PAGE_SHIFT;
		page_get(page);
		if (((salvo_atomic_load(entry) ^ value) & ~hardware) != 0) {
			page_put(page);
			page = NULL;
		}
	}
	interrupts_restore(on);
	return page;
}
