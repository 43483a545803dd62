// SPDX-License-Identifier: MIT
/*
 * walks.c: software that walks tables without a lock, as GUP-fast does: lookups, and taking hold of
 * the page that is found; oracle 3 of both.
 */
#include "host.h"
#include "program.h"

static bool marked;
EXPLORED static uint16_t
	software_in[CPUS_MAX]; /* tables that a CPU's software is in, a bit a frame */

void
walks_begin(void)
{
	marked = false;
}

bool
walks_are_marked(void)
{
	return marked;
}

void
mark_walks(void)
{
	marked = true;
}

void
walks_check_free(uintptr_t frame)
{
	for (unsigned c = 0; c < CPUS_MAX; c++)
		if ((software_in[c] >> frame & 1) != 0)
			fail(3, "software of CPU %u walks the table in frame %u, which is freed", c,
				(unsigned)frame);
}

/* ---- One walk ---- */

static uintptr_t
begin(unsigned space)
{
	return marked ? salvo_walk_begin(space_of(space)) : 0;
}

static void
end(uintptr_t mark)
{
	if (marked)
		salvo_walk_end(mark);
}

/*
 * enter: the table that maps the page, which software is in from now on; 0: none. `before`: where
 * it was until then, for leave().
 */
static uintptr_t
enter(unsigned space, unsigned page, unsigned *before)
{
	struct frame *root = &frames[space_of(space)->root >> SALVO_ARCH_PAGE_SHIFT];
	uintptr_t pte = salvo_atomic_load_acquire(&root->words[page / 2]);
	uintptr_t table = salvo_arch_pte_frame(pte, 2);

	if (!salvo_arch_pte_present(pte) || salvo_arch_pte_leaf(pte, 2))
		return 0;
	step_is_visible();
	*before = software_in[running];
	software_in[running] |= (uint16_t)(1u << table);
	return table;
}

static void
leave(unsigned before)
{
	step_is_visible();
	software_in[running] = (uint16_t)before;
}

void
software_walk_beside_nmi(unsigned space, unsigned page, void (*nmi)(void))
{
	uintptr_t mark, table;
	unsigned before;

	begin_call("software_walk");
	need_page("software_walk", space, page);
	mark = begin(space);
	table = enter(space, page, &before);
	if (table != 0) {
		if (nmi != NULL)
			nmi();
		salvo_atomic_load(&frames[table].words[page % 2]);
		leave(before);
	}
	end(mark);
}

void
software_walk(unsigned space, unsigned page)
{
	software_walk_beside_nmi(space, page, NULL);
}

/* ---- Pages that are held ---- */

void
let_go(uintptr_t frame)
{
	need_frame("let_go", frame);
	cpu_step(OP_HOST, "let go of", 1, __FILE__, __LINE__);
	step_is_visible();
	trace_note(" frame %u", (unsigned)frame);
	host_drop(frame);
}

/* take_hold: of the page that the entry maps; 0: that is free, or the entry is another one by
 * then. */
static uintptr_t
take_hold(const struct salvo_word *entry)
{
	uintptr_t pte = salvo_atomic_load(entry);
	uintptr_t frame = salvo_arch_pte_frame(pte, 1);

	if (!salvo_arch_pte_present(pte))
		return 0;
	cpu_step(OP_HOST, "take hold of", 1, __FILE__, __LINE__);
	step_is_visible();
	trace_note(" frame %u", (unsigned)frame);
	if (frames[frame].refs == 0)
		return 0;
	frames[frame].refs++;
	if (salvo_atomic_load(entry) == pte)
		return frame;
	let_go(frame);
	return 0;
}

uintptr_t
software_hold(unsigned space, unsigned page)
{
	uintptr_t mark, table, frame = 0;
	unsigned before;

	begin_call("software_hold");
	need_page("software_hold", space, page);
	mark = begin(space);
	table = enter(space, page, &before);
	if (table != 0) {
		frame = take_hold(&frames[table].words[page % 2]);
		leave(before);
	}
	end(mark);
	return frame;
}
