// SPDX-License-Identifier: MIT
/*
 * host.c: the kernel that a program runs in, as small as the library lets it be: sixteen frames,
 * one lock for all tables, an rmap that is a count, a page cache that is a bit a frame.
 */
#include <string.h>

#include "host.h"
#include "tlb.h"

EXPLORED struct salvo_space spaces[SPACES_MAX - 1];
WALKED struct frame frames[FRAMES_MAX];

/* Pages for the gather's bookkeeping, and whether there are any. */
EXPLORED static struct {
	bool used;
	_Alignas(16) unsigned char bytes[1 << SALVO_ARCH_PAGE_SHIFT];
} books[BOOKS_MAX];
EXPLORED static uintptr_t books_on;

static bool pins_refused, pins_counted;

struct salvo_space *
space_of(unsigned space)
{
	return space == KERNEL ? &machine.kernel : &spaces[space];
}

/* host_word_name: what a shared word of the host is called in a schedule. */
const char *
host_word_name(const void *word)
{
	const char *name = tables_word_name(word);

	return name != NULL ? name : program_word_name(word);
}

/* host_writes: host code writes the word too, without naming it: where a frame becomes a table, or
 * a space's structure is given back. */
bool
host_writes(const void *word)
{
	const char *byte = word;

	return tables_is_mark(word) || (pins_counted && byte >= (const char *)spaces &&
					       byte < (const char *)spaces + sizeof(spaces));
}

/* ---- Frames ---- */

uintptr_t
host_take_frame(enum kind kind)
{
	for (uintptr_t f = 1; f < FRAMES_MAX; f++)
		if (frames[f].kind == FREE) {
			frames[f] = (struct frame){.kind = (uint8_t)kind, .refs = 1};
			tables_new(f);
			tlb_changed();
			return f;
		}
	fail(0, "no frame left");
	return 0;
}

/* host_take_huge: two pages that follow each other; the first. */
uintptr_t
host_take_huge(void)
{
	for (uintptr_t f = 1; f + 1 < FRAMES_MAX; f++)
		if (frames[f].kind == FREE && frames[f + 1].kind == FREE) {
			for (unsigned i = 0; i < 2; i++)
				frames[f + i] =
					(struct frame){.kind = PAGE, .refs = 1, .mapped = 1};
			tlb_changed();
			return f;
		}
	fail(0, "no two frames left");
	return 0;
}

void
host_free_frame(uintptr_t f)
{
	if (frames[f].kind == FREE)
		fail(0, "frame %u is freed twice", (unsigned)f);
	if (frames[f].mapped != 0)
		fail(4, "frame %u is freed while its rmap says it is mapped", (unsigned)f);
	walks_check_free(f);
	if (frames[f].unsaved)
		fail(2, "frame %u is freed, and a write to it is nowhere else", (unsigned)f);
	trace_note(" frame %u", (unsigned)f);
	tlb_forget_frame((unsigned)f);
	frames[f] = (struct frame){.kind = FREE};
}

/* entry_maps: an entry that is a leaf maps the frame; a huge one two. */
static bool
entry_maps(uintptr_t pte, uintptr_t f)
{
	uintptr_t first = salvo_arch_pte_frame(pte, 1);

	return salvo_arch_pte_present(pte) &&
	       (first == f || (salvo_arch_pte_leaf(pte, 2) && first + 1 == f));
}

/* is_noted: the page is known to be dirty, or some entry that maps it says so. */
static bool
is_noted(uintptr_t f)
{
	if (frames[f].dirty)
		return true;
	for (unsigned t = 0; t < FRAMES_MAX * 2; t++) {
		uintptr_t pte = frames[t / 2].words[t % 2].value;

		if (frames[t / 2].kind == TABLE && salvo_arch_pte_dirty(pte) && entry_maps(pte, f))
			return true;
	}
	return false;
}

/* count_links: how many present entries of tables that are linked from a root lead to each frame.
 */
static void
count_links(uintptr_t top, unsigned links[FRAMES_MAX])
{
	for (unsigned t = 0; t < 2; t++) {
		uintptr_t upper = frames[top].words[t].value;
		uintptr_t table = salvo_arch_pte_frame(upper, 2);

		if (!salvo_arch_pte_present(upper))
			continue;
		links[table]++;
		if (salvo_arch_pte_leaf(upper, 2)) {
			links[table + 1]++;
			continue;
		}
		for (unsigned i = 0; i < 2; i++)
			if (salvo_arch_pte_present(frames[table].words[i].value))
				links[salvo_arch_pte_frame(frames[table].words[i].value, 1)]++;
	}
	links[top]++;
}

/*
 * host_check_end: where everything is over, what was written is known to be dirty (oracle 2), and
 * what nothing leads to was given back (oracle 8).
 */
void
host_check_end(void)
{
	unsigned links[FRAMES_MAX] = {0};

	for (unsigned s = 0; s < SPACES_MAX; s++)
		if (space_of(s)->root != 0)
			count_links(space_of(s)->root >> SALVO_ARCH_PAGE_SHIFT, links);
	late_check_end();
	for (unsigned p = 0; p < PAGES; p++)
		if (device.open[p] != 0)
			fail(0, "the device is never told that it may fetch page %u again", p);
	for (unsigned f = 1; f < FRAMES_MAX; f++) {
		if (frames[f].unsaved && !is_noted(f))
			fail(2, "frame %u was written, and nobody knows", f);
		if (frames[f].kind != FREE && links[f] == 0 && !frames[f].file)
			fail(8, "frame %u is lost: nothing leads to it, and it is not free", f);
		if (frames[f].kind == PAGE && frames[f].mapped != links[f])
			fail(8, "frame %u is mapped %u times, and its rmap says %u", f, links[f],
				frames[f].mapped);
	}
}

/* host_begin: a machine as it is without a program's wishes. */
void
host_begin(void)
{
	pins_refused = pins_counted = false;
	tables_begin();
	walks_begin();
	late_begin();
	clean_write_traps = fault_forgets = true;
	simulated_begin();
	break_before_make = track_accessed = track_users = has_device = false;
	port_limit_interrupts(UNLIMITED);
}

/* ---- The port: memory ---- */

void
host_offer_books(void)
{
	books_on = 1;
}

void *
salvo_port_chunk_alloc(void)
{
	if (!books_on ||
		cpu_step(OP_CHOICE, "a page for the gather: yes, no", 2, __FILE__, __LINE__) != 0)
		return NULL;
	step_is_visible();
	for (unsigned i = 0; i < BOOKS_MAX; i++)
		if (!books[i].used) {
			books[i].used = true;
			return books[i].bytes;
		}
	return NULL;
}

void
salvo_port_chunk_free(void *chunk)
{
	step_is_visible();
	for (unsigned i = 0; i < BOOKS_MAX; i++)
		if (books[i].bytes == chunk) {
			for (unsigned b = 0; b < sizeof(books[i].bytes); b++)
				books[i].bytes[b] = 0;
			books[i].used = false;
		}
}

/* host_drop: one reference to a frame; the last one frees it, unless it is a file's, which stays in
 * the page cache, or reclaim holds it. */
void
host_drop(uintptr_t f)
{
	frames[f].refs--;
	if (frames[f].refs == 0 && !frames[f].file && !frames[f].held)
		host_free_frame(f);
}

static void
give(const struct salvo_run *runs, size_t count)
{
	cpu_step(OP_HOST, "free", 1, __FILE__, __LINE__);
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		for (uintptr_t f = runs[i].frame; f < runs[i].frame + runs[i].count; f++)
			host_drop(f);
}

/* salvo_port_free_pages: a file's pages stay in the page cache, and reclaim frees those it holds.
 */
void
salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	give(runs, count);
}

void
salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	if (late_queue(runs, count))
		return;
	if (walks_are_marked())
		salvo_walk_sync(space);
	give(runs, count);
}

unsigned
host_number_of(const struct salvo_space *space)
{
	return space == &machine.kernel ? KERNEL : (unsigned)(space - spaces);
}

void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	tlb_device(host_number_of(space), start, end, 1);
}

void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	tlb_device(host_number_of(space), start, end, -1);
}

/* ---- Structures of spaces ---- */

EXPLORED static struct {
	uint8_t pins;
	bool dead; /* destroyed, and not in use again */
} structures[SPACES_MAX];

void
host_refuse_pins(void)
{
	pins_refused = true;
}

void
host_count_pins(void)
{
	pins_counted = true;
}

bool
host_is_pinned(unsigned space)
{
	return structures[space].pins != 0;
}

/* clear_if_free: memory that nobody owns holds zeros, so that a write to it is seen. */
static void
clear_if_free(unsigned space)
{
	if (structures[space].dead && structures[space].pins == 0)
		memset(space_of(space), 0, sizeof(struct salvo_space));
}

/* host_give_back: the structure of a space that is destroyed; when nobody pins it, it is free. */
void
host_give_back(unsigned space)
{
	if (!pins_counted)
		return;
	structures[space].dead = true;
	clear_if_free(space);
}

/* host_take_structure: it is a space's again. */
void
host_take_structure(unsigned space)
{
	structures[space].dead = false;
}

void
host_check(void)
{
	static const struct salvo_space zeros;

	for (unsigned s = 0; s < KERNEL; s++)
		if (structures[s].dead && structures[s].pins == 0 &&
			memcmp(space_of(s), &zeros, sizeof(zeros)) != 0)
			fail(1, "the structure of space %u is written after it was given back", s);
}

bool
salvo_port_space_pin(struct salvo_space *space)
{
	if (pins_counted) {
		cpu_step(OP_HOST, "pin the space", 1, __FILE__, __LINE__);
		step_is_visible();
		structures[host_number_of(space)].pins++;
	}
	return !pins_refused;
}

void
salvo_port_space_unpin(struct salvo_space *space)
{
	if (!pins_counted)
		return;
	cpu_step(OP_HOST, "unpin the space", 1, __FILE__, __LINE__);
	step_is_visible();
	if (structures[host_number_of(space)].pins == 0)
		fail(0, "space %u is unpinned and nobody had it pinned", host_number_of(space));
	structures[host_number_of(space)].pins--;
	clear_if_free(host_number_of(space));
}
