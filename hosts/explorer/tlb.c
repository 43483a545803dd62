// SPDX-License-Identifier: MIT
/*
 * tlb.c: the hostile TLB. Hardware may walk to any address at any moment and keep what it finds for
 * as long as it likes; instead of trying every moment, each CPU carries the set of all that it
 * *may* hold: what the tables have shown, to a walk that may start from any upper-level entry that
 * it may hold, since the last flush that covered it. The set only grows between flushes, and each
 * member is reachable by some choice of walks, so asking whether a CPU *could* use an entry is
 * asking the set. After a flush the set is at once what can be walked then: a walk may follow
 * immediately.
 *
 * Kernel mappings are a set of their own beside the slots', walked by every CPU at any time.
 */
#include <stdio.h>
#include <string.h>

#include "explorer.h"

#define PAGES  4
#define UPPERS 2
#define SETS   (SALVO_MAX_SLOTS + 1)
#define GLOBAL SALVO_MAX_SLOTS /* the set of kernel mappings */

/* Leaves as bits: four a frame, by Write and Dirty. */
#define LEAF_BIT(frame, pte)     ((uint64_t)1 << ((frame)*4 + (((pte) >> 1) & 3)))
#define LEAVES_OF(leaves, frame) ((leaves) >> (frame)*4 & 15)
#define LEAF_WRITABLE            0xaaaaaaaaaaaaaaaau
#define LEAF_WRITABLE_DIRTY      0x8888888888888888u

struct entries {
	uint64_t leaf[PAGES];
	uint16_t upper[UPPERS]; /* frames of tables */
	uint8_t stale_leaf;     /* pages with an entry whose frame is another owner's by now */
	uint8_t stale_upper;
	uint16_t padding;
	uintptr_t root; /* whose entries they are */
};

struct tlb {
	uintptr_t root; /* 0: none */
	uint32_t slot;
	uint32_t online; /* it may touch kernel memory whose mappings change */
	struct entries sets[SETS];
};

WALKED static struct tlb tlbs[CPUS_MAX];

/* What operations have promised of a page of a space, until it is mapped again. */
WALKED static struct {
	uint8_t absent, read_only; /* a bit a page */
} promises[SPACES_MAX];

bool clean_write_traps = true;
static bool changed;

void
tlb_changed(void)
{
	changed = true;
	step_is_visible();
}

/* own_tlb_changed: that of the running CPU has, and nothing else. */
static void
own_tlb_changed(void)
{
	changed = true;
	step_touches_tlb(running);
}

/* ---- Walks ---- */

/* fill: all that a walk may find now. Upper-level entries that are held stay, and are walked too.
 */
static void
fill(struct entries *set, uintptr_t root)
{
	const struct frame *top = &frames[root >> SALVO_ARCH_PAGE_SHIFT];

	for (unsigned t = 0; t < UPPERS; t++) {
		uintptr_t pte = top->words[t].value;
		unsigned tables;

		if (salvo_arch_pte_present(pte))
			set->upper[t] |= (uint16_t)(1u << salvo_arch_pte_frame(pte, 2));
		for (tables = set->upper[t]; tables != 0; tables &= tables - 1) {
			const struct frame *table = &frames[salvo_lowest_bit(tables)];

			for (unsigned i = 0; i < UPPERS; i++) {
				pte = table->words[i].value;
				if (salvo_arch_pte_present(pte))
					set->leaf[t * UPPERS + i] |=
						LEAF_BIT(salvo_arch_pte_frame(pte, 1), pte);
			}
		}
	}
}

void
tlb_settle(void)
{
	if (!changed)
		return;
	changed = false;
	for (unsigned c = 0; c < CPUS_MAX; c++) {
		struct tlb *tlb = &tlbs[c];

		if (tlb->root == 0)
			continue;
		fill(&tlb->sets[GLOBAL], machine.kernel.root);
		if (tlb->root != machine.kernel.root)
			fill(&tlb->sets[tlb->slot], tlb->root);
	}
}

void
tlb_begin(void)
{
	changed = true;
	tlb_settle();
}

/* ---- Instructions ---- */

static void
forget(struct entries *set, uintptr_t start, uintptr_t end, bool tables)
{
	for (uintptr_t p = 0; p < PAGES; p++)
		if (p << SALVO_ARCH_PAGE_SHIFT >= start && p << SALVO_ARCH_PAGE_SHIFT < end) {
			set->leaf[p] = 0;
			set->stale_leaf &= (uint8_t) ~(1u << p);
		}
	if (tables) {
		memset(set->upper, 0, sizeof(set->upper));
		set->stale_upper = 0;
	}
}

void
tlb_load_root(salvo_root root, unsigned slot, bool keep)
{
	struct tlb *tlb = &tlbs[running];

	cpu_step(OP_ROOT, keep ? "keep" : "flush", 1, __FILE__, __LINE__);
	trace_note(": frame %u, slot %u", (unsigned)(root >> SALVO_ARCH_PAGE_SHIFT), slot);
	tlb->root = root;
	tlb->slot = slot;
	if (!keep)
		tlb->sets[slot] = (struct entries){.root = root};
	else if (tlb->sets[slot].root != root)
		fail(1, "CPU %u keeps another space's entries in slot %u", running, slot);
	own_tlb_changed();
}

void
tlb_flush(uintptr_t start, uintptr_t end, bool tables, const char *what)
{
	struct tlb *tlb = &tlbs[running];

	cpu_step(OP_FLUSH, what, 1, __FILE__, __LINE__);
	forget(&tlb->sets[tlb->slot], start, end, tables);
	own_tlb_changed();
}

void
tlb_flush_kernel(uintptr_t start, uintptr_t end, bool tables)
{
	cpu_step(OP_FLUSH, "kernel range", 1, __FILE__, __LINE__);
	forget(&tlbs[running].sets[GLOBAL], start, end, tables);
	own_tlb_changed();
}

void
tlb_flush_everything(void)
{
	cpu_step(OP_FLUSH, "everything", 1, __FILE__, __LINE__);
	for (unsigned i = 0; i < SETS; i++)
		forget(&tlbs[running].sets[i], 0, UINTPTR_MAX, true);
	own_tlb_changed();
}

/* tlb_online: from the return of salvo_cpu_online to the call of salvo_cpu_offline. */
void
tlb_online(bool online)
{
	tlbs[running].online = online;
	own_tlb_changed();
}

/* ---- Frames that change hands ---- */

/*
 * tlb_forget_frame: the frame is given back. Entries that still name it are stale from now on, even
 * if it becomes a page or a table again.
 */
void
tlb_forget_frame(unsigned frame)
{
	for (unsigned i = 0; i < CPUS_MAX * SETS; i++) {
		struct entries *set = &tlbs[i / SETS].sets[i % SETS];

		for (unsigned p = 0; p < PAGES; p++)
			if (LEAVES_OF(set->leaf[p], frame) != 0)
				set->stale_leaf |= (uint8_t)(1u << p);
		for (unsigned t = 0; t < UPPERS; t++)
			if ((set->upper[t] >> frame & 1) != 0)
				set->stale_upper |= (uint8_t)(1u << t);
	}
	tlb_changed();
}

void
tlb_promise(unsigned space, unsigned page, bool absent, bool read_only)
{
	const uint8_t bit = (uint8_t)(1u << page);

	promises[space].absent &= (uint8_t)~bit;
	promises[space].read_only &= (uint8_t)~bit;
	promises[space].absent |= absent ? bit : 0;
	promises[space].read_only |= read_only ? bit : 0;
	tlb_changed();
}

/* ---- Accesses of user mode ---- */

/* What an access may come to: bits of leaves that it may go through as they are, and walks. */
struct ways {
	uint64_t leaves;
	unsigned walks; /* from tables in these frames */
	bool faults;    /* it may fault whatever the tables say */
};

/* ways: a store goes through an entry that is clean only where hardware lets it; else it walks. */
static struct ways
find_ways(const struct entries *set, unsigned page, bool store)
{
	struct ways ways = {.leaves = set->leaf[page], .walks = set->upper[page / UPPERS]};

	if (store) {
		ways.leaves &= clean_write_traps ? LEAF_WRITABLE_DIRTY : LEAF_WRITABLE;
		ways.faults = (set->leaf[page] & ~LEAF_WRITABLE) != 0;
	}
	ways.faults |= ways.walks == 0;
	return ways;
}

/* walk: the access translates by this entry; -1: it faults. A store sets Dirty in one step with
 * looking. */
static int
walk(struct salvo_word *entry, bool store)
{
	uintptr_t pte = entry->value;

	if (!salvo_arch_pte_present(pte) || (store && !salvo_arch_pte_writable(pte)))
		return -1;
	if (store && !salvo_arch_pte_dirty(pte)) {
		entry->value = pte | PTE_DIRTY;
		step_touches(entry);
		tlb_changed();
	}
	return (int)salvo_arch_pte_frame(pte, 1);
}

/*
 * store_through: a store through a cached entry. If it was clean, hardware sets Dirty in the entry
 * in memory if that still maps the same frame; else nobody is told.
 */
static int
store_through(const struct entries *set, unsigned page, unsigned bit)
{
	const unsigned frame = bit / 4;

	for (unsigned tables = set->upper[page / UPPERS]; tables != 0; tables &= tables - 1) {
		struct salvo_word *entry = &frames[salvo_lowest_bit(tables)].words[page % UPPERS];

		if ((bit & 2) == 0 && salvo_arch_pte_present(entry->value) &&
			salvo_arch_pte_frame(entry->value, 1) == frame) {
			entry->value |= PTE_DIRTY;
			step_touches(entry);
			tlb_changed();
		}
	}
	return (int)frame;
}

enum { USER_CHOICES = 12 };

unsigned
tlb_user_choices(void)
{
	return USER_CHOICES;
}

/*
 * tlb_user_access: user mode touches a page; every way that it may go is a choice: through each
 * entry that it may hold, a walk from each table that it may know, a fault. Returns the frame, or
 * -1 for a fault.
 */
int
tlb_user_access(unsigned page, bool store, unsigned choice)
{
	struct tlb *tlb = &tlbs[running];
	struct entries *set = &tlb->sets[tlb->slot];
	struct ways ways = find_ways(set, page, store);

	for (; ways.leaves != 0; ways.leaves &= ways.leaves - 1)
		if (choice-- == 0) {
			unsigned bit = salvo_lowest_bit(ways.leaves);

			return store ? store_through(set, page, bit) : (int)(bit / 4);
		}
	for (; ways.walks != 0; ways.walks &= ways.walks - 1)
		if (choice-- == 0)
			return walk(
				&frames[salvo_lowest_bit(ways.walks)].words[page % UPPERS], store);
	if (choice != 0 || !ways.faults)
		step_is_impossible();
	return -1;
}

/* ---- Oracles ---- */

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
			fail(1, "CPU %u may use %s %u, whose frame %u was freed", c, kind, p, f);
		if (frames[f].file && frames[f].mapped == 0 && !frames[f].held &&
			LEAVES_OF(leaves & writes, f) != 0)
			fail(4, "CPU %u may write frame %u, which its rmap calls unmapped", c, f);
	}
	if ((promises[space].absent >> p & 1) != 0 && leaves != 0)
		fail(1, "CPU %u may use %s %u, which is gone", c, kind, p);
	if ((promises[space].read_only >> p & 1) != 0 && (leaves & LEAF_WRITABLE) != 0)
		fail(5, "CPU %u may write %s %u, which is read-only", c, kind, p);
}

static void
check_pages(unsigned c, unsigned space, const struct entries *set)
{
	if (set->stale_leaf != 0)
		fail(1, "CPU %u may use page %u, whose frame has another owner", c,
			salvo_lowest_bit(set->stale_leaf));
	for (unsigned p = 0; p < PAGES; p++)
		if (set->leaf[p] != 0)
			check_leaves(c, space, p, set->leaf[p]);
}

/* Pages matter where user memory may be touched, by an NMI's handler too; tables always do. */
void
tlb_check(void)
{
	for (unsigned c = 0; c < CPUS_MAX; c++) {
		const struct tlb *tlb = &tlbs[c];
		unsigned space = 0;

		if (tlb->root == 0)
			continue;
		check_tables(c, tlb);
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

/* ---- For people ---- */

/* describe_leaves: the entries of a page that came, or went. */
static size_t
describe_leaves(char *text, size_t size, unsigned page, uint64_t before, uint64_t after)
{
	size_t used = 0;

	if (before != 0 && after == 0)
		return (size_t)snprintf(text, size, " -page %u", page);
	for (unsigned f = 0; f < FRAMES_MAX && used < size; f++) {
		uint64_t now = LEAVES_OF(after, f), new = now & ~LEAVES_OF(before, f);

		if (new != 0)
			used += (size_t)snprintf(text + used, size - used, " +page %u=frame %u%s%s",
				page, f, (new & 10) != 0 ? " W" : "", (new & 12) != 0 ? " D" : "");
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
		for (unsigned i = 0; i < SETS * PAGES && used < size; i++)
			used += describe_leaves(text + used, size - used, i % PAGES,
				before[c].sets[i / PAGES].leaf[i % PAGES],
				tlbs[c].sets[i / PAGES].leaf[i % PAGES]);
		if (used < size && text[used - 1] == ':')
			text[used = start] = '\0';
		else if (used < size)
			used += (size_t)snprintf(text + used, size - used, " ");
	}
	memcpy(before, tlbs, sizeof before);
}

/* tlb_describe: what a CPU may use now, a line; returns its length. */
size_t
tlb_describe(char *text, size_t size, unsigned cpu)
{
	const struct tlb *tlb = &tlbs[cpu];
	const struct entries *set = &tlb->sets[tlb->slot];
	size_t used = (size_t)snprintf(text, size, "CPU %u, %s, may use:", cpu,
		tlb->root == machine.kernel.root         ? "on the kernel's root"
		: salvo_cpus[cpu].user_access.value != 0 ? "in user mode"
							 : "lazy or between spaces");

	for (unsigned p = 0; p < PAGES && used < size; p++)
		used += describe_leaves(text + used, size - used, p, 0, set->leaf[p]);
	for (unsigned p = 0; p < PAGES && used < size; p++)
		if ((set->stale_leaf >> p & 1) != 0)
			used += (size_t)snprintf(text + used, size - used, " (page %u: STALE)", p);
	if (set->stale_upper != 0 && used < size)
		used += (size_t)snprintf(text + used, size - used, " (a table: STALE)");
	if (used < size)
		used += (size_t)snprintf(text + used, size - used, "\n");
	return used < size ? used : size;
}
