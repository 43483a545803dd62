// SPDX-License-Identifier: MIT
/*
 * oracles.c: what must hold in each state: oracles 1, 3, 4 and 5, asked of all that a CPU's TLB may
 * hold. Oracles 2 and 8 are host.c's, 6 is search.c's, 7 port.c's; 0 is for preconditions.
 */
#include "tlb.h"

enum { DEVICE = CPUS_MAX };

static const char *const who[CPUS_MAX + 1] = {"CPU 0", "CPU 1", "CPU 2", "CPU 3", "the device"};

static void
check_tables(unsigned c, const struct tlb *tlb)
{
	const struct entries *set = &tlb->sets[tlb->slot];
	unsigned uppers = set->upper[0] | set->upper[1];

	if (frames[tlb->root >> SALVO_ARCH_PAGE_SHIFT].kind != TABLE)
		fail(3, "CPU %u has a freed root loaded", c);
	if (set->stale_upper != 0)
		fail(3, "CPU %u may walk a table that was freed", c);
	for (; uppers != 0; uppers &= uppers - 1)
		if (frames[salvo_lowest_bit(uppers)].kind != TABLE)
			fail(3, "CPU %u may walk the table in frame %u, which was freed", c,
				salvo_lowest_bit(uppers));
}

/* check_leaves: oracles 1, 4 and 5 of one page. */
static void
check_leaves(unsigned c, unsigned space, unsigned p, uint64_t leaves)
{
	const char *kind = space == KERNEL ? "kernel page" : "page";
	uint64_t writes = clean_write_traps ? LEAF_WRITABLE_DIRTY : LEAF_WRITABLE;

	for (unsigned f = 0; f < FRAMES_MAX; f++) {
		if (LEAVES_OF(leaves, f) == 0)
			continue;
		if (frames[f].kind != PAGE)
			fail(1, "%s may use %s %u, whose frame %u was freed", who[c], kind, p, f);
		if (frames[f].file && frames[f].mapped == 0 && !frames[f].held &&
			LEAVES_OF(leaves & writes, f) != 0)
			fail(4, "%s may write frame %u, which its rmap calls unmapped", who[c], f);
	}
	if ((promises[space].absent >> p & 1) != 0 && leaves != 0)
		fail(1, "%s may use %s %u, which is gone", who[c], kind, p);
	if ((promises[space].read_only >> p & 1) != 0 && (leaves & LEAF_WRITABLE) != 0)
		fail(5, "%s may write %s %u, which is read-only", who[c], kind, p);
}

static void
check_pages(unsigned c, unsigned space, const struct entries *set)
{
	if (set->stale_leaf != 0)
		fail(1, "%s may use page %u, whose frame has another owner", who[c],
			salvo_lowest_bit(set->stale_leaf));
	for (unsigned p = 0; p < PAGES; p++)
		if (set->leaf[p] != 0)
			check_leaves(c, space, p, set->leaf[p]);
}

/* check_conflicts: break before make: hardware may fault, or make up a translation, where it finds
 * two frames for a page; it looks in kernel mode too. */
static void
check_conflicts(unsigned c, const struct entries *set)
{
	for (unsigned p = 0; p < PAGES; p++) {
		unsigned found = 0;

		for (unsigned f = 0; f < FRAMES_MAX; f++)
			found += LEAVES_OF(set->leaf[p], f) != 0;
		if (found > 1)
			fail(1, "CPU %u may hold %u translations of page %u: break before make", c,
				found, p);
	}
}

/* Pages matter where user memory may be touched, by an NMI's handler too; tables always do. */
void
tlb_check(void)
{
	host_check();
	late_check();
	if (has_device)
		check_pages(DEVICE, 0, &device.set);
	for (unsigned c = 0; c < CPUS_MAX; c++) {
		const struct tlb *tlb = &tlbs[c];
		unsigned space = 0;

		if (tlb->root == 0)
			continue;
		check_tables(c, tlb);
		if (break_before_make)
			check_conflicts(c, &tlb->sets[tlb->slot]);
		if (tlb->online)
			check_pages(c, KERNEL, &tlb->sets[GLOBAL]);
		if (salvo_cpus[c].user_access.value == 0)
			continue;
		while (space < KERNEL && spaces[space].root != tlb->root)
			space++;
		if (space < KERNEL)
			check_pages(c, space, &tlb->sets[tlb->slot]);
	}
}
