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
EXPLORED static struct salvo_word table_locks[FRAMES_MAX]; /* 0: the one for all */

/* Pages for the gather's bookkeeping, and whether there are any. */
EXPLORED static struct {
	bool used;
	_Alignas(16) unsigned char bytes[1 << SALVO_ARCH_PAGE_SHIFT];
} books[BOOKS_MAX];
EXPLORED static uintptr_t books_on;

EXPLORED static uintptr_t rmap_walkers; /* a bit a CPU */

static bool pins_refused, pins_counted, each_table_locked;

struct salvo_space *
space_of(unsigned space)
{
	return space == KERNEL ? &machine.kernel : &spaces[space];
}

/* host_word_name: what a shared word of the host is called in a schedule. */
const char *
host_word_name(const void *word)
{
	if (word == &table_locks[0])
		return "table lock";
	for (unsigned f = 1; f < FRAMES_MAX; f++)
		if (word == &table_locks[f])
			return "a table's lock";
	return program_word_name(word);
}

/* ---- Frames ---- */

uintptr_t
host_take_frame(enum kind kind)
{
	for (uintptr_t f = 1; f < FRAMES_MAX; f++)
		if (frames[f].kind == FREE) {
			frames[f] = (struct frame){.kind = (uint8_t)kind, .refs = 1};
			tlb_changed();
			return f;
		}
	fail(0, "no frame left");
	return 0;
}

/* The table that a CPU's software walks without a lock; 0: none. */
EXPLORED static uint8_t software_in[CPUS_MAX];

void
host_walk_by_software(uintptr_t frame)
{
	step_is_visible();
	software_in[running] = (uint8_t)frame;
}

void
host_free_frame(uintptr_t f)
{
	if (frames[f].kind == FREE)
		fail(0, "frame %u is freed twice", (unsigned)f);
	if (frames[f].mapped != 0)
		fail(4, "frame %u is freed while its rmap says it is mapped", (unsigned)f);
	for (unsigned c = 0; c < CPUS_MAX; c++)
		if (software_in[c] == f)
			fail(3, "software of CPU %u walks the table in frame %u, which is freed", c,
				(unsigned)f);
	if (frames[f].unsaved)
		fail(2, "frame %u is freed, and a write to it is nowhere else", (unsigned)f);
	trace_note(" frame %u", (unsigned)f);
	tlb_forget_frame((unsigned)f);
	frames[f] = (struct frame){.kind = FREE};
}

/* is_noted: the page is known to be dirty, or some entry that maps it says so. */
static bool
is_noted(uintptr_t f)
{
	if (frames[f].dirty)
		return true;
	for (unsigned t = 0; t < FRAMES_MAX * 2; t++) {
		uintptr_t pte = frames[t / 2].words[t % 2].value;

		if (frames[t / 2].kind == TABLE && salvo_arch_pte_present(pte) &&
			salvo_arch_pte_dirty(pte) && salvo_arch_pte_frame(pte, 1) == f)
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

		if (!salvo_arch_pte_present(upper))
			continue;
		links[salvo_arch_pte_frame(upper, 2)]++;
		for (unsigned i = 0; i < 2; i++) {
			uintptr_t pte = frames[salvo_arch_pte_frame(upper, 2)].words[i].value;

			if (salvo_arch_pte_present(pte))
				links[salvo_arch_pte_frame(pte, 1)]++;
		}
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
	pins_refused = pins_counted = each_table_locked = false;
	clean_write_traps = true;
	break_before_make = track_accessed = has_device = false;
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

/* drop: one reference to a frame; the last one frees it, unless it is a file's, which stays in the
 * page cache, or reclaim holds it. */
static void
drop(uintptr_t f)
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
			drop(f);
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
	(void)space;
	give(runs, count);
}

/*
 * salvo_port_rmap_remove: in a walk of the rmap the mapping's reference goes with it, for who walks
 * has one of its own; otherwise it is the gather's until the page is freed.
 */
void
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	(void)space;
	step_is_visible();
	for (size_t i = 0; i < count; i++) {
		if (frames[frame + i].mapped == 0)
			fail(4, "frame %u is taken out of the rmap twice", (unsigned)(frame + i));
		frames[frame + i].mapped--;
		if ((rmap_walkers >> running & 1) != 0)
			drop(frame + i);
	}
}

static unsigned
number_of(const struct salvo_space *space)
{
	return space == &machine.kernel ? KERNEL : (unsigned)(space - spaces);
}

void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	tlb_device(number_of(space), start, end, 1);
}

void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	tlb_device(number_of(space), start, end, -1);
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
		step_is_visible();
		structures[number_of(space)].pins++;
	}
	return !pins_refused;
}

void
salvo_port_space_unpin(struct salvo_space *space)
{
	if (!pins_counted)
		return;
	step_is_visible();
	structures[number_of(space)].pins--;
	clear_if_free(number_of(space));
}

/* ---- The port: page tables ---- */

struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	return frames[frame].words;
}

void
host_lock_each_table(void)
{
	each_table_locked = true;
}

static struct salvo_word *
lock_of(uintptr_t frame)
{
	return &table_locks[each_table_locked ? frame : 0];
}

void
salvo_port_table_lock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	while (salvo_atomic_exchange(lock_of(frame), 1) != 0) {
		salvo_serve();
		salvo_port_relax();
	}
}

void
salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	salvo_atomic_store_release(lock_of(frame), 0);
}

/* salvo_port_tables_lock: the lower frame's first, so that nobody waits in a ring. */
void
salvo_port_tables_lock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_lock(space, a < b ? a : b);
	if (lock_of(a) != lock_of(b))
		salvo_port_table_lock(space, a < b ? b : a);
}

void
salvo_port_tables_unlock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_unlock(space, a);
	if (lock_of(a) != lock_of(b))
		salvo_port_table_unlock(space, b);
}

void
salvo_port_rmap_move(
	struct salvo_space *space, uintptr_t frame, size_t count, uintptr_t from, uintptr_t to)
{
	(void)from;
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		frames[frame + i].where = host_where(
			number_of(space), (unsigned)(to >> SALVO_ARCH_PAGE_SHIFT) + (unsigned)i);
}

bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		frames[frame + i].dirty = true;
	return frames[frame].file;
}

void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		frames[frame + i].accessed = true;
}

bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	step_is_visible();
	return frames[frame].dirty;
}

/* maps: whether the entry maps the frame now. */
static bool
maps(uintptr_t pte, uintptr_t frame)
{
	return salvo_arch_pte_present(pte) && salvo_arch_pte_frame(pte, 1) == frame;
}

/*
 * visit_if_maps: the entry of one page, with its lock held. Where the rmap does not say that the
 * page is mapped the lock is not taken for entries that do not map it: that is as if it was.
 */
static void
visit_if_maps(uintptr_t frame, unsigned s, unsigned p, salvo_rmap_visit *visit, void *context)
{
	struct salvo_mapping mapping = {.space = &spaces[s],
		.address = (uintptr_t)p << SALVO_ARCH_PAGE_SHIFT,
		.stride_shift = SALVO_ARCH_PAGE_SHIFT};
	uintptr_t upper = frames[spaces[s].root >> SALVO_ARCH_PAGE_SHIFT].words[p / 2].value;
	uintptr_t table = salvo_arch_pte_frame(upper, 2);
	bool said = frames[frame].mapped != 0 && frames[frame].where == host_where(s, p);

	step_is_visible();
	if (!salvo_arch_pte_present(upper))
		return;
	mapping.entry = &frames[table].words[p % 2];
	if (!said && !maps(mapping.entry->value, frame))
		return;
	salvo_port_table_lock(&spaces[s], table);
	if (maps(salvo_atomic_load(mapping.entry), frame))
		visit(&mapping, context);
	salvo_port_table_unlock(&spaces[s], table);
}

/* salvo_port_rmap_walk: mappings are found by looking at all tables. */
void
salvo_port_rmap_walk(uintptr_t frame, salvo_rmap_visit *visit, void *context)
{
	cpu_step(OP_HOST, "look who maps the page", 1, __FILE__, __LINE__);
	step_is_visible();
	rmap_walkers |= (uintptr_t)1 << running;
	for (unsigned s = 0; s < KERNEL; s++)
		for (unsigned p = 0; p < 4 && spaces[s].root != 0; p++)
			visit_if_maps(frame, s, p, visit, context);
	rmap_walkers &= ~((uintptr_t)1 << running);
}
