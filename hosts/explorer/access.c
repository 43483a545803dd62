// SPDX-License-Identifier: MIT
/*
 * access.c: loads and stores of user mode, through what the hostile TLB may hold; and hardware that
 * walks and sets Accessed.
 */
#include "tlb.h"

/* What an access may come to: bits of leaves that it may go through as they are, and walks. */
struct ways {
	uint64_t leaves;
	unsigned walks; /* to entries in tables in these frames */
	bool faults;    /* it may fault whatever the tables say */
	bool sticks;    /* and may keep what it faulted for, until a flush */
};

/* stick: who is stuck goes by what the TLB has, and looks at no table. */
static void
stick(struct ways *ways, bool store)
{
	ways->walks = 0;
	if (store)
		ways->leaves = 0;
	ways->faults = ways->leaves == 0;
}

/* find_ways: a store goes through an entry that is clean only where hardware lets it; else it
 * walks. */
static struct ways
find_ways(const struct entries *set, unsigned page, bool store)
{
	uintptr_t root = set->root >> SALVO_ARCH_PAGE_SHIFT;
	struct ways ways = {.leaves = set->leaf[page], .walks = set->upper[page / UPPERS]};

	if (salvo_arch_pte_leaf(frames[root].words[page / UPPERS].value, 2))
		ways.walks |= 1u << root;
	if (store) {
		ways.leaves &= clean_write_traps ? LEAF_WRITABLE_DIRTY : LEAF_WRITABLE;
		ways.faults = (set->leaf[page] & ~LEAF_WRITABLE) != 0;
	}
	ways.faults |= (set->absent >> page & 1) != 0;
	ways.sticks = ways.faults && !fault_forgets;
	ways.faults |= ways.walks == 0;
	if ((set->stuck >> page & 1) != 0)
		stick(&ways, store);
	return ways;
}

/* walked: the entry that a walk to the page ends at, in the table in this frame or in the root; and
 * the frame that it maps there. */
static struct salvo_word *
walked(const struct entries *set, unsigned table, unsigned page, uintptr_t *frame)
{
	bool huge = table == set->root >> SALVO_ARCH_PAGE_SHIFT;
	struct salvo_word *entry = &frames[table].words[huge ? page / UPPERS : page % UPPERS];

	*frame = salvo_arch_pte_frame(entry->value, 1) + (huge ? page % UPPERS : 0);
	return entry;
}

static void
set_bits(struct salvo_word *entry, uintptr_t bits)
{
	if ((entry->value & bits) == bits)
		return;
	entry->value |= bits;
	step_touches(entry);
	tlb_changed();
}

/* walk: the access translates by the entry that it walks to; -1: it faults. Dirty, and Accessed,
 * are set in one step with looking; and so is a CPU noted. */
static int
walk(const struct entries *set, unsigned table, unsigned page, bool store)
{
	uintptr_t frame;
	struct salvo_word *entry = walked(set, table, page, &frame);

	if (!salvo_arch_pte_present(entry->value) ||
		(store && !salvo_arch_pte_writable(entry->value)))
		return -1;
	set_bits(entry, (store ? PTE_DIRTY : 0) | (track_accessed ? PTE_ACCESSED : 0));
	if (track_users) {
		frames[frame].users |= (uint8_t)(1u << running);
		tlb_changed();
	}
	return (int)frame;
}

/* linked: the table that a walk from the root comes to now, as a set. */
static unsigned
linked(const struct entries *set, unsigned page)
{
	uintptr_t upper = frames[set->root >> SALVO_ARCH_PAGE_SHIFT].words[page / UPPERS].value;

	if (!salvo_arch_pte_present(upper))
		return 0;
	return 1u << (salvo_arch_pte_leaf(upper, 2) ? set->root >> SALVO_ARCH_PAGE_SHIFT
						    : salvo_arch_pte_frame(upper, 2));
}

/*
 * store_through: a store through a cached entry. If it was clean, hardware sets Dirty in the entry
 * in memory if that still maps the same frame; else nobody is told. It finds the entry from an
 * upper-level entry that it holds, or from the root: `walks` says in which tables.
 */
static int
store_through(const struct entries *set, unsigned page, unsigned walks, unsigned bit)
{
	for (; walks != 0 && (bit & 2) == 0; walks &= walks - 1) {
		uintptr_t frame;
		struct salvo_word *entry = walked(set, salvo_lowest_bit(walks), page, &frame);

		if (salvo_arch_pte_present(entry->value) && frame == bit / 4)
			set_bits(entry, PTE_DIRTY);
	}
	return (int)(bit / 4);
}

unsigned
tlb_user_choices(void)
{
	return WAYS_MAX;
}

/* access_by: the frame that one choice reaches; -1: it faults. False: it is not there. */
static bool
access_by(unsigned page, bool store, unsigned choice, int *frame)
{
	struct tlb *tlb = &tlbs[running];
	struct entries *set = &tlb->sets[tlb->slot];
	struct ways ways = find_ways(set, page, store);

	for (; ways.leaves != 0; ways.leaves &= ways.leaves - 1) {
		unsigned bit = salvo_lowest_bit(ways.leaves);

		if (choice-- == 0) {
			*frame = store ? store_through(set, page, ways.walks, bit) : (int)(bit / 4);
			return true;
		}
		if (store && (bit & 2) == 0 && ways.walks != linked(set, page) && choice-- == 0) {
			*frame = store_through(set, page, linked(set, page), bit);
			return true;
		}
	}
	for (; ways.walks != 0; ways.walks &= ways.walks - 1)
		if (choice-- == 0) {
			*frame = walk(set, salvo_lowest_bit(ways.walks), page, store);
			return true;
		}
	*frame = -1;
	if (ways.faults && choice-- == 0)
		return true;
	if (!ways.sticks || choice != 0)
		return false;
	set->stuck |= (uint8_t)(1u << page);
	return true;
}

/*
 * tlb_user_access: user mode touches a page; every way that it may go is a choice: through each
 * entry that it may hold, a walk from each table that it may know, a fault. Returns the frame, or
 * -1 for a fault.
 */
int
tlb_user_access(unsigned page, bool store, unsigned choice)
{
	int frame;

	if (!access_by(page, store, choice, &frame))
		step_is_impossible();
	else if (choice == WAYS_MAX - 1)
		fail(0, "page %u may be touched in more ways than are tried", page);
	return frame;
}

/*
 * tlb_speculate: hardware of some CPU walks to a page, sets Accessed, and keeps the entry; or, the
 * last choice, does not. False: that choice.
 */
bool
tlb_speculate(unsigned page, unsigned choice)
{
	const bool last = choice == SPECULATE_CHOICES - 1;
	unsigned tables = 0;

	step_is_visible();
	for (unsigned c = 0; c < CPUS_MAX; c++)
		if (tlbs[c].root != 0)
			tables |= tlbs[c].sets[tlbs[c].slot].upper[page / UPPERS];
	for (; tables != 0; tables &= tables - 1) {
		struct salvo_word *entry = &frames[salvo_lowest_bit(tables)].words[page % UPPERS];

		if (!salvo_arch_pte_present(entry->value) || choice-- != 0)
			continue;
		if (last)
			fail(0, "hardware may walk to page %u in more ways than are tried", page);
		entry->value |= PTE_ACCESSED;
		step_touches(entry);
		tlb_changed();
		return true;
	}
	if (choice != 0)
		step_is_impossible();
	return false;
}
