// SPDX-License-Identifier: MIT
/*
 * tables.c: the port's last part: page tables, their locks, and the rmap, which is exact: a count a
 * page, and where its last mapping is.
 */
#include "host.h"

EXPLORED static struct salvo_word table_locks[FRAMES_MAX]; /* 0: the one for all */
EXPLORED static uintptr_t rmap_walkers;                    /* a bit a CPU */

EXPLORED static struct salvo_word table_marks[FRAMES_MAX];

static bool each_table_locked, each_table_marked;

/* tables_word_name: what a table's lock or mark is called; NULL: the word is none. */
const char *
tables_word_name(const void *word)
{
	if (word == &table_locks[0])
		return "table lock";
	for (unsigned f = 1; f < FRAMES_MAX; f++)
		if (word == &table_locks[f])
			return "a table's lock";
	for (unsigned f = 1; f < FRAMES_MAX; f++)
		if (word == &table_marks[f])
			return "a table's mark";
	return NULL;
}

/* tables_is_mark: the word is a table's mark, which host code clears where it makes a table. */
bool
tables_is_mark(const void *word)
{
	const char *byte = word;

	return byte >= (const char *)table_marks &&
	       byte < (const char *)table_marks + sizeof(table_marks);
}

/* ---- Tables and their locks ---- */

struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	return frames[frame].words;
}

void
tables_begin(void)
{
	each_table_locked = each_table_marked = false;
}

void
tables_lock_each(void)
{
	each_table_locked = true;
}

void
tables_mark_each(void)
{
	each_table_marked = true;
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

struct salvo_word *
salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	(void)space;
	(void)address;
	return each_table_marked ? &table_marks[table] : NULL;
}

/* tables_new: the frame is a table from now on. */
void
tables_new(uintptr_t frame)
{
	table_marks[frame].value = 0;
}

/* ---- Pages ---- */

bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	cpu_step(OP_HOST, "note that it is dirty", 1, __FILE__, __LINE__);
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		frames[frame + i].dirty = true;
	return frames[frame].file;
}

void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	cpu_step(OP_HOST, "note that it was accessed", 1, __FILE__, __LINE__);
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		frames[frame + i].accessed = true;
}

bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	cpu_step(OP_HOST, "look whether it is dirty", 1, __FILE__, __LINE__);
	step_is_visible();
	return frames[frame].dirty;
}

/* ---- The rmap ---- */

/*
 * salvo_port_rmap_remove: in a walk of the rmap the mapping's reference goes with it, for who walks
 * has one of its own; otherwise it is the gather's until the page is freed.
 */
bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	(void)space;
	cpu_step(OP_HOST, "remove it from the rmap", 1, __FILE__, __LINE__);
	step_is_visible();
	for (size_t i = 0; i < count; i++) {
		if (frames[frame + i].mapped == 0)
			fail(4, "frame %u is taken out of the rmap twice", (unsigned)(frame + i));
		frames[frame + i].mapped--;
		if ((rmap_walkers >> running & 1) != 0)
			host_drop(frame + i);
	}
	return true;
}

void
salvo_port_rmap_move(
	struct salvo_space *space, uintptr_t frame, size_t count, uintptr_t from, uintptr_t to)
{
	(void)from;
	cpu_step(OP_HOST, "move it in the rmap", 1, __FILE__, __LINE__);
	step_is_visible();
	for (size_t i = 0; i < count; i++)
		frames[frame + i].where = host_where(host_number_of(space),
			(unsigned)(to >> SALVO_ARCH_PAGE_SHIFT) + (unsigned)i);
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
	if (!salvo_arch_pte_present(upper) || salvo_arch_pte_leaf(upper, 2))
		return;
	mapping.table = table;
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
