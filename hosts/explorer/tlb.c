// SPDX-License-Identifier: MIT
/*
 * tlb.c: the hostile TLB. Hardware may walk to any address at any moment and keep what it finds for
 * as long as it likes; instead of trying every moment, each CPU carries the set of all that it
 * *may* hold: what the tables have shown, to a walk that may start from any upper-level entry that
 * it may hold, since the last flush that covered it. The set only grows between flushes, and each
 * member is reachable by some choice of walks, so asking whether a CPU *could* use an entry is
 * asking the set.
 */
#include <stdio.h>
#include <string.h>

#include "explorer.h"

#define PAGES  4
#define UPPERS 2

/* Leaves as bits: four a frame, by Write and Dirty. */
#define LEAF_BIT(frame, pte) ((uint64_t)1 << ((frame)*4 + (((pte) >> 1) & 3)))
#define LEAF_WRITABLE        0xaaaaaaaaaaaaaaaau

struct tlb {
	uintptr_t root; /* 0: none */
	unsigned slot;
	uint16_t upper[SALVO_MAX_SLOTS][UPPERS]; /* frames of tables */
	uint64_t leaf[SALVO_MAX_SLOTS][PAGES];
};

EXPLORED static struct tlb tlbs[CPUS_MAX];

/* What operations have promised of a page of a space, until it is mapped again. */
EXPLORED static struct {
	bool absent;
	bool read_only;
} promises[SPACES_MAX][PAGES];

bool clean_write_traps = true;
static bool changed;

void
tlb_changed(void)
{
	changed = true;
}

/* fill: all that a walk may find now. Upper-level entries that are held stay, and are walked too.
 */
static void
fill(struct tlb *tlb)
{
	const struct frame *root = &frames[tlb->root >> SALVO_ARCH_PAGE_SHIFT];
	uint16_t *upper = tlb->upper[tlb->slot];
	uint64_t *leaf = tlb->leaf[tlb->slot];

	for (unsigned t = 0; t < UPPERS; t++) {
		uintptr_t pte = root->words[t].value;

		if (salvo_arch_pte_present(pte))
			upper[t] |= (uint16_t)(1u << salvo_arch_pte_frame(pte, 2));
		for (unsigned f = 0; f < FRAMES_MAX; f++)
			for (unsigned i = 0; (upper[t] >> f & 1) != 0 && i < UPPERS; i++) {
				pte = frames[f].words[i].value;
				if (salvo_arch_pte_present(pte))
					leaf[t * UPPERS + i] |=
						LEAF_BIT(salvo_arch_pte_frame(pte, 1), pte);
			}
	}
}

void
tlb_settle(void)
{
	if (!changed)
		return;
	changed = false;
	for (unsigned c = 0; c < CPUS_MAX; c++)
		if (tlbs[c].root != 0)
			fill(&tlbs[c]);
}

static void
clear_slot(struct tlb *tlb, unsigned slot)
{
	for (unsigned t = 0; t < UPPERS; t++)
		tlb->upper[slot][t] = 0;
	for (unsigned p = 0; p < PAGES; p++)
		tlb->leaf[slot][p] = 0;
}

/* ---- Instructions ---- */

void
tlb_load_root(salvo_root root, unsigned slot, bool keep)
{
	struct tlb *tlb = &tlbs[running];

	cpu_step(OP_ROOT, keep ? "keep" : "flush", 1, __FILE__, __LINE__);
	tlb->root = root;
	tlb->slot = slot;
	if (!keep)
		clear_slot(tlb, slot);
	tlb_changed();
}

void
tlb_flush(uintptr_t start, uintptr_t end, bool tables, const char *what)
{
	struct tlb *tlb = &tlbs[running];

	cpu_step(OP_FLUSH, what, 1, __FILE__, __LINE__);
	for (uintptr_t p = 0; p < PAGES; p++)
		if (p << SALVO_ARCH_PAGE_SHIFT >= start && p << SALVO_ARCH_PAGE_SHIFT < end)
			tlb->leaf[tlb->slot][p] = 0;
	for (unsigned t = 0; tables && t < UPPERS; t++)
		tlb->upper[tlb->slot][t] = 0;
	tlb_changed();
}

void
tlb_flush_everything(void)
{
	cpu_step(OP_FLUSH, "everything", 1, __FILE__, __LINE__);
	for (unsigned s = 0; s < SALVO_MAX_SLOTS; s++)
		clear_slot(&tlbs[running], s);
	tlb_changed();
}

/* ---- Oracles ---- */

void
tlb_promise(unsigned space, unsigned page, bool absent, bool read_only)
{
	promises[space][page].absent = absent;
	promises[space][page].read_only = read_only;
}

static void
check_tables(unsigned c, const struct tlb *tlb)
{
	if (frames[tlb->root >> SALVO_ARCH_PAGE_SHIFT].kind != TABLE)
		fail(3, "CPU %u has a freed root loaded", c);
	for (unsigned t = 0; t < UPPERS; t++)
		for (unsigned f = 0; f < FRAMES_MAX; f++)
			if ((tlb->upper[tlb->slot][t] >> f & 1) != 0 && frames[f].kind != TABLE)
				fail(3, "CPU %u may walk the table in frame %u, which was freed", c,
					f);
}

static void
check_pages(unsigned c, const struct tlb *tlb)
{
	const uint64_t *leaf = tlb->leaf[tlb->slot];
	unsigned space = 0;

	while (space < SPACES_MAX && spaces[space].root != tlb->root)
		space++;
	if (space == SPACES_MAX)
		return;
	for (unsigned p = 0; p < PAGES; p++) {
		for (unsigned f = 0; f < FRAMES_MAX; f++)
			if ((leaf[p] >> f * 4 & 15) != 0 && frames[f].kind != PAGE)
				fail(1, "CPU %u may use page %u, whose frame %u was freed", c, p,
					f);
		if (promises[space][p].absent && leaf[p] != 0)
			fail(1, "CPU %u may use page %u, which is gone", c, p);
		if (promises[space][p].read_only && (leaf[p] & LEAF_WRITABLE) != 0)
			fail(5, "CPU %u may write page %u, which is read-only", c, p);
	}
}

/* Pages matter where user memory may be touched, by an NMI's handler too; tables always do. */
void
tlb_check(void)
{
	for (unsigned c = 0; c < CPUS_MAX; c++) {
		if (tlbs[c].root == 0)
			continue;
		check_tables(c, &tlbs[c]);
		if (salvo_cpus[c].user_access.value != 0)
			check_pages(c, &tlbs[c]);
	}
}

void
tlb_begin(void)
{
	changed = true;
	tlb_settle();
}

/* ---- For people ---- */

/* describe_leaves: the entries of a page that came, or went. */
static size_t
describe_leaves(char *text, size_t size, unsigned page, uint64_t before, uint64_t after)
{
	size_t used = 0;

	if (before != 0 && after == 0)
		return (size_t)snprintf(text, size, " -page %u", page);
	for (unsigned f = 0; f < FRAMES_MAX && used < size; f++) {
		uint64_t now = after >> f * 4 & 15, new = now & ~(before >> f * 4 & 15);

		if (new != 0)
			used += (size_t)snprintf(text + used, size - used, " +page %u=frame %u%s",
				page, f, (new &LEAF_WRITABLE) != 0 ? "W" : "");
	}
	return used;
}

void
tlb_describe_changes(char *text, size_t size)
{
	static struct tlb before[CPUS_MAX];
	size_t used = 0;

	text[0] = '\0';
	for (unsigned c = 0; c < CPUS_MAX && used < size; c++) {
		size_t start = used;

		used += (size_t)snprintf(text + used, size - used, "TLB %u:", c);
		for (unsigned s = 0; s < SALVO_MAX_SLOTS; s++)
			for (unsigned p = 0; p < PAGES && used < size; p++)
				used += describe_leaves(text + used, size - used, p,
					before[c].leaf[s][p], tlbs[c].leaf[s][p]);
		if (used < size && text[used - 1] == ':')
			text[used = start] = '\0';
		else if (used < size)
			used += (size_t)snprintf(text + used, size - used, " ");
	}
	memcpy(before, tlbs, sizeof before);
}
