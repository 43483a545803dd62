// SPDX-License-Identifier: MIT
/*
 * gup.c: the page that a space has at an address, found in its tables without a lock ("GUP-fast").
 *
 *   1. interrupts off, and salvo told: no table that is found from here on is freed until 5; where
 *      tables are freed after a grace period, interrupts off say that already
 *   2. walk from the root to the leaf
 *   3. take a hold of the page, unless it is free
 *   4. walk again: it must be the same leaf with the same page
 *   5. the walk is over
 *
 * Where the space is loaded and in use here, whoever clears the leaf waits for this CPU before it
 * frees the page. Elsewhere the page may go, and be somebody else's, between 2 and 3: then its leaf
 * has been cleared, and 4 finds that. Whoever counts a page's holds after its flush, and waited for
 * the walks, has counted the one of 3, or 4 fails.
 */
#include "mm.h"

#define INDEX_MASK ((1UL << SALVO_ARCH_INDEX_BITS) - 1)

/* What a walk finds. */
struct leaf {
	const struct salvo_word *entry; /* NULL: nothing is mapped */
	salvo_pte value;                /* less the bits that hardware sets */
	unsigned level;
};

/* find: => in a walk that salvo knows of */
static struct leaf
find(const struct mm *mm, uintptr_t address)
{
	struct leaf leaf = {.level = SALVO_ARCH_LEVELS};
	uintptr_t frame = mm->space.root >> PAGE_SHIFT;

	for (; leaf.level > 0; leaf.level--) {
		const struct salvo_word *entry = salvo_port_table(frame);

		entry += address >> SALVO_LEVEL_SHIFT(leaf.level) & INDEX_MASK;
		/* Pairs with the release in table_link(). */
		leaf.value = salvo_atomic_load_acquire(entry) & ~(ENTRY_ACCESSED | ENTRY_DIRTY);
		if ((leaf.value & ENTRY_PRESENT) == 0)
			break;
		if (salvo_arch_pte_leaf(leaf.value, leaf.level)) {
			leaf.entry = entry;
			break;
		}
		frame = salvo_arch_pte_frame(leaf.value, leaf.level);
	}
	return leaf;
}

/* hold: the page at the address, if it can still be had. => as find */
static struct page *
hold(const struct mm *mm, uintptr_t address)
{
	struct leaf leaf = find(mm, address), again;
	struct page *page;

	if (leaf.entry == NULL)
		return NULL;
	page = page_of(salvo_arch_pte_frame(leaf.value, leaf.level));
	page += (address & ((1UL << SALVO_LEVEL_SHIFT(leaf.level)) - 1)) >> PAGE_SHIFT;
	if (!page_get_used(page))
		return NULL;
	again = find(mm, address);
	if (again.entry == leaf.entry && again.value == leaf.value)
		return page;
	page_put(page);
	return NULL;
}

/* marked: steps 1 to 5 where tables are freed at once. => interrupts off */
static struct page *
marked(const struct mm *mm, uintptr_t address)
{
	uintptr_t before = salvo_walk_begin(&mm->space);
	struct page *page = hold(mm, address);

	salvo_walk_end(before);
	return page;
}

struct page *
gup_fast(const struct mm *mm, uintptr_t address)
{
	bool on = interrupts_disable();
	struct page *page = options.defer ? hold(mm, address) : marked(mm, address);

	interrupts_restore(on);
	return page;
}
