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
#include <string.h>

#include "tlb.h"

WALKED struct tlb tlbs[CPUS_MAX];
WALKED struct promises promises[SPACES_MAX];
WALKED struct device device;

bool clean_write_traps = true;
bool break_before_make;
bool has_device;
bool track_accessed;
bool track_users;
bool fault_forgets = true;
static bool changed;
static unsigned filling; /* the CPU whose TLB is filled */

void
tlb_changed(void)
{
	changed = true;
	step_is_visible();
}

/* tlb_own_changed: that of the running CPU has, and nothing else. */
void
tlb_own_changed(void)
{
	changed = true;
	step_touches_tlb(running);
}

/* ---- Walks ---- */

/*
 * values_of: what a walk may see in an entry: what is in memory, or a store to it that the walking
 * CPU itself still holds back. `own` is that CPU, or NULL: of others the stores are not known here,
 * nor needed, for what they hold was filled when they stored.
 */
static unsigned
values_of(const struct salvo_word *entry, const struct cpu *own, uintptr_t values[BUFFER_MAX + 1])
{
	unsigned n = 0;

	values[n++] = entry->value;
	for (unsigned i = 0; own != NULL && i < own->held; i++)
		if (own->buffer[i].word == entry)
			values[n++] = own->buffer[i].value;
	return n;
}

/* fill_absence: that nothing is there is kept as an entry is, where a fault does not end it. */
static void
fill_absence(struct entries *set, unsigned page, uintptr_t pte)
{
	if (!fault_forgets && !salvo_arch_pte_present(pte))
		set->absent |= (uint8_t)(1u << page);
}

/* fill_leaf: an entry, that maps `frame` at the page. Accessed and a fill go together, and so do a
 * CPU's note and its fill, where that is asked for. */
static void
fill_leaf(struct entries *set, unsigned page, uintptr_t pte, uintptr_t frame, bool small)
{
	fill_absence(set, page, pte);
	if (!salvo_arch_pte_present(pte) || (track_accessed && !salvo_arch_pte_accessed(pte)))
		return;
	if (track_users && (frames[frame].users >> filling & 1) == 0)
		return;
	set->leaf[page] |= LEAF_BIT(frame, pte);
	set->small |= (uint8_t)(small << page);
}

/* fill_leaves: what the entries of one table translate. */
static void
fill_leaves(struct entries *set, unsigned t, const struct frame *table, const struct cpu *own)
{
	uintptr_t values[BUFFER_MAX + 1];

	for (unsigned i = 0; i < UPPERS; i++)
		for (unsigned n = values_of(&table->words[i], own, values); n-- > 0;)
			fill_leaf(set, t * UPPERS + i, values[n],
				salvo_arch_pte_frame(values[n], 1), true);
}

/* fill_upper: an upper-level entry: a table, or two pages. */
static void
fill_upper(struct entries *set, unsigned t, uintptr_t pte)
{
	uintptr_t frame = salvo_arch_pte_frame(pte, 2);

	if (salvo_arch_pte_present(pte) && !salvo_arch_pte_leaf(pte, 2))
		set->upper[t] |= (uint16_t)(1u << frame);
	for (unsigned i = 0; i < UPPERS; i++)
		if (!salvo_arch_pte_present(pte) || salvo_arch_pte_leaf(pte, 2))
			fill_leaf(set, t * UPPERS + i, pte, frame + i, false);
}

/* fill: all that a walk may find now. Upper-level entries that are held stay, and are walked too.
 */
static void
fill(struct entries *set, uintptr_t root, const struct cpu *own)
{
	const struct frame *top = &frames[root >> SALVO_ARCH_PAGE_SHIFT];
	uintptr_t values[BUFFER_MAX + 1];

	for (unsigned t = 0; t < UPPERS; t++) {
		for (unsigned n = values_of(&top->words[t], own, values); n-- > 0;)
			fill_upper(set, t, values[n]);
		for (unsigned tables = set->upper[t]; tables != 0; tables &= tables - 1)
			fill_leaves(set, t, &frames[salvo_lowest_bit(tables)], own);
	}
}

/* fill_device: what it may fetch now; it starts from the root each time. */
static void
fill_device(void)
{
	struct entries now = {.root = spaces[0].root};

	if (!has_device || spaces[0].root == 0)
		return;
	fill(&now, spaces[0].root, NULL);
	for (unsigned p = 0; p < PAGES; p++)
		if (device.open[p] == 0)
			device.set.leaf[p] |= now.leaf[p];
}

void
tlb_settle(void)
{
	if (!changed)
		return;
	changed = false;
	for (unsigned c = 0; c < CPUS_MAX; c++) {
		struct tlb *tlb = &tlbs[c];
		const struct cpu *own = c == running ? cpu_of(c) : NULL;

		if (tlb->root == 0)
			continue;
		filling = c;
		fill(&tlb->sets[GLOBAL], machine.kernel.root, own);
		if (tlb->root != machine.kernel.root)
			fill(&tlb->sets[tlb->slot], tlb->root, own);
	}
	fill_device();
}

void
tlb_begin(void)
{
	changed = true;
	tlb_settle();
}

/* ---- Instructions ---- */

enum { ALL_PAGES = (1 << PAGES) - 1 };

/* visited: the pages that a flush of the range names, one at each stride. => start is a page's */
static unsigned
visited(uintptr_t start, uintptr_t end, unsigned stride_shift)
{
	const uintptr_t top = (uintptr_t)PAGES << SALVO_ARCH_PAGE_SHIFT;
	unsigned pages = 0;

	for (uintptr_t a = start; a < end && a < top; a += (uintptr_t)1 << stride_shift)
		pages |= 1u << (a >> SALVO_ARCH_PAGE_SHIFT);
	return pages;
}

/* forget: what maps the pages that are named; a huge leaf goes as a whole. */
static void
forget(struct entries *set, unsigned pages, bool tables)
{
	for (unsigned p = 0; p < PAGES; p++)
		if ((pages >> p & 1) != 0 ||
			((pages >> (p ^ 1) & 1) != 0 && (set->small >> p & 1) == 0)) {
			set->leaf[p] = 0;
			set->stale_leaf &= (uint8_t) ~(1u << p);
			set->small &= (uint8_t) ~(1u << p);
			set->absent &= (uint8_t) ~(1u << p);
			set->stuck &= (uint8_t) ~(1u << p);
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
	tlb_own_changed();
}

void
tlb_flush(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables, const char *what)
{
	struct tlb *tlb = &tlbs[running];

	cpu_step(OP_FLUSH, what, 1, __FILE__, __LINE__);
	forget(&tlb->sets[tlb->slot], visited(start, end, stride_shift), tables);
	tlb_own_changed();
}

void
tlb_flush_kernel(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	cpu_step(OP_FLUSH, "kernel range", 1, __FILE__, __LINE__);
	forget(&tlbs[running].sets[GLOBAL], visited(start, end, stride_shift), tables);
	tlb_own_changed();
}

void
tlb_flush_everything(void)
{
	cpu_step(OP_FLUSH, "everything", 1, __FILE__, __LINE__);
	for (unsigned i = 0; i < SETS; i++)
		forget(&tlbs[running].sets[i], ALL_PAGES, true);
	tlb_own_changed();
}

/* tlb_flush_broadcast: all CPUs at once forget a space, whether it is loaded or not. */
void
tlb_flush_broadcast(salvo_root root)
{
	cpu_step(OP_FLUSH, "broadcast", 1, __FILE__, __LINE__);
	for (unsigned i = 0; i < CPUS_MAX * SETS; i++)
		if (tlbs[i / SETS].sets[i % SETS].root == root)
			forget(&tlbs[i / SETS].sets[i % SETS], ALL_PAGES, true);
	tlb_changed();
}

void
tlb_forget_at(unsigned cpu, salvo_root root, uintptr_t start, uintptr_t end)
{
	for (unsigned i = 0; i < SETS; i++)
		if (tlbs[cpu].sets[i].root == root)
			forget(&tlbs[cpu].sets[i], visited(start, end, SALVO_ARCH_PAGE_SHIFT),
				true);
	tlb_changed();
}

/* tlb_online: from the return of salvo_cpu_online to the call of salvo_cpu_offline. */
void
tlb_online(bool online)
{
	tlbs[running].online = online;
	tlb_own_changed();
}

/* tlb_device: it forgets the range and fetches nothing of it; or, `by` -1, may fetch again. */
void
tlb_device(unsigned space, uintptr_t start, uintptr_t end, int by)
{
	if (!has_device || space != 0)
		return;
	cpu_step(OP_HOST, by > 0 ? "the device forgets" : "the device may fetch", 1, __FILE__,
		__LINE__);
	for (uintptr_t p = 0; p < PAGES; p++)
		if (p << SALVO_ARCH_PAGE_SHIFT >= start && p << SALVO_ARCH_PAGE_SHIFT < end)
			device.open[p] = (uint8_t)(device.open[p] + by);
	if (by > 0)
		forget(&device.set, visited(start, end, SALVO_ARCH_PAGE_SHIFT), false);
	tlb_changed();
}

/* ---- Frames that change hands ---- */

static void
mark_stale(struct entries *set, unsigned frame)
{
	for (unsigned p = 0; p < PAGES; p++)
		if (LEAVES_OF(set->leaf[p], frame) != 0)
			set->stale_leaf |= (uint8_t)(1u << p);
	for (unsigned t = 0; t < UPPERS; t++)
		if ((set->upper[t] >> frame & 1) != 0)
			set->stale_upper |= (uint8_t)(1u << t);
}

/*
 * tlb_forget_frame: the frame is given back. Entries that still name it are stale from now on, even
 * if it becomes a page or a table again.
 */
void
tlb_forget_frame(unsigned frame)
{
	for (unsigned i = 0; i < CPUS_MAX * SETS; i++)
		mark_stale(&tlbs[i / SETS].sets[i % SETS], frame);
	mark_stale(&device.set, frame);
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
