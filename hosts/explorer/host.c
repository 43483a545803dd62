// SPDX-License-Identifier: MIT
/*
 * host.c: the kernel that a program runs in, as small as the library lets it be: sixteen frames,
 * a lock, an rmap that is a count, and the calls of program.h.
 */
#include "program.h"

EXPLORED struct frame frames[FRAMES_MAX];
EXPLORED struct salvo_space spaces[SPACES_MAX];
EXPLORED static struct salvo_word table_lock;

static uintptr_t
take_frame(enum kind kind)
{
	for (uintptr_t f = 1; f < FRAMES_MAX; f++)
		if (frames[f].kind == FREE) {
			frames[f] = (struct frame){.kind = kind};
			return f;
		}
	fail(0, "no frame left");
	return 0;
}

/* ---- The port: memory ---- */

void *
salvo_port_chunk_alloc(void)
{
	return NULL;
}

void
salvo_port_chunk_free(void *chunk)
{
	(void)chunk;
}

/* drop: a frame is given back, unless reclaim holds it and will do so. */
static void
drop(uintptr_t f)
{
	if (frames[f].mapped != 0)
		fail(4, "frame %u is freed while its rmap says it is mapped", (unsigned)f);
	if (!frames[f].held)
		frames[f] = (struct frame){.kind = FREE};
}

static void
give(const struct salvo_run *runs, size_t count)
{
	cpu_step(OP_FREE, NULL, 1, __FILE__, __LINE__);
	for (size_t i = 0; i < count; i++)
		for (uintptr_t f = 0; f < runs[i].count; f++)
			drop(runs[i].frame + f),
				trace_note(" frame %u", (unsigned)(runs[i].frame + f));
	tlb_changed();
}

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

void
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	(void)space;
	for (size_t i = 0; i < count; i++)
		frames[frame + i].mapped--;
}

void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	(void)start;
	(void)end;
}

void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	(void)space;
	(void)start;
	(void)end;
}

bool
salvo_port_space_pin(struct salvo_space *space)
{
	(void)space;
	return true;
}

void
salvo_port_space_unpin(struct salvo_space *space)
{
	(void)space;
}

/* ---- The port: page tables ---- */

struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	return frames[frame].words;
}

void
salvo_port_table_lock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	(void)frame;
	while (salvo_atomic_exchange(&table_lock, 1) != 0) {
		salvo_serve();
		salvo_port_relax();
	}
}

void
salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	(void)frame;
	salvo_atomic_store_release(&table_lock, 0);
}

bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	(void)count;
	frames[frame].dirty = true;
	return frames[frame].file;
}

void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	(void)frame;
	(void)count;
}

bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	return frames[frame].dirty;
}

/* salvo_port_rmap_walk: a frame is mapped at one page of one space at most, found by looking. */
void
salvo_port_rmap_walk(uintptr_t frame, salvo_rmap_visit *visit, void *context)
{
	struct salvo_mapping mapping = {.stride_shift = SALVO_ARCH_PAGE_SHIFT};

	for (unsigned s = 0; s < SPACES_MAX && frames[frame].mapped != 0; s++)
		for (unsigned p = 0; p < 4; p++) {
			uintptr_t top = spaces[s].root >> SALVO_ARCH_PAGE_SHIFT;
			uintptr_t upper = frames[top].words[p / 2].value;

			if (top == 0 || !salvo_arch_pte_present(upper))
				continue;
			mapping.entry = &frames[salvo_arch_pte_frame(upper, 2)].words[p % 2];
			if (salvo_arch_pte_frame(mapping.entry->value, 1) != frame)
				continue;
			mapping.space = &spaces[s];
			mapping.address = PAGE(p);
			salvo_port_table_lock(&spaces[s], 0);
			if (salvo_arch_pte_present(salvo_atomic_load(mapping.entry)) &&
				salvo_arch_pte_frame(mapping.entry->value, 1) == frame)
				visit(&mapping, context);
			salvo_port_table_unlock(&spaces[s], 0);
		}
}

/* ---- Programs: set up ---- */

/* new_machine: kernel tables, and the CPUs online on them. */
void
new_machine(unsigned count)
{
	salvo_machine_init(&machine, take_frame(TABLE) << SALVO_ARCH_PAGE_SHIFT, 2, 0);
	for (running = 0; running < count; running++) {
		salvo_cpu_init(&salvo_cpus[running], 1);
		irqs_off();
		salvo_cpu_online();
		irqs_on();
	}
}

void
new_space(unsigned space)
{
	uintptr_t root = take_frame(TABLE);

	for (unsigned t = 0; t < 2; t++)
		frames[root].words[t].value =
			take_frame(TABLE) << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT;
	salvo_space_init(&spaces[space], root << SALVO_ARCH_PAGE_SHIFT);
}

static struct salvo_word *
entry_of(unsigned space, unsigned page)
{
	unsigned level = 1;
	uintptr_t table;

	return salvo_walk(&spaces[space], PAGE(page), &level, &table);
}

void
map(unsigned space, unsigned page, unsigned pte_bits)
{
	uintptr_t frame = take_frame(PAGE);

	frames[frame].mapped = 1;
	salvo_atomic_store(
		entry_of(space, page), frame << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | pte_bits);
}

void
run_on(unsigned cpu, unsigned space)
{
	running = cpu;
	irqs_off();
	salvo_space_load(&spaces[space]);
	irqs_on();
}

/* host_word_name: what a shared word of the host is called in a schedule. */
const char *
host_word_name(const void *word)
{
	return word == &table_lock ? "table lock" : "?";
}

/* ---- Programs: bodies ---- */

static void
promise(unsigned space, unsigned from, unsigned to, bool absent)
{
	cpu_step(OP_NOTE, absent ? "pages are gone" : "pages are read-only", 1, __FILE__, __LINE__);
	for (unsigned p = from; p < to; p++)
		tlb_promise(space, p, absent, !absent);
}

void
unmap(unsigned space, unsigned from, unsigned to, bool tables)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &spaces[space], PAGE(from), PAGE(to));
	salvo_unmap(&gather, PAGE(from), PAGE(to));
	if (tables)
		salvo_free_tables(&gather, PAGE(from), PAGE(to));
	salvo_gather_finish(&gather);
	promise(space, from, to, true);
}

void
protect(unsigned space, unsigned from, unsigned to)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &spaces[space], PAGE(from), PAGE(to));
	salvo_protect(&gather, PAGE(from), PAGE(to), 0);
	salvo_gather_finish(&gather);
	promise(space, from, to, false);
}

void
hold(unsigned space, unsigned page)
{
	frames[salvo_arch_pte_frame(entry_of(space, page)->value, 1)].held = true;
}

void
reclaim(void)
{
	struct salvo_batch batch;
	uintptr_t group[FRAMES_MAX];
	size_t count = 0;

	for (uintptr_t f = 0; f < FRAMES_MAX; f++)
		if (frames[f].held)
			group[count++] = f;
	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, group, count);
	salvo_batch_flush(&batch);
	cpu_step(OP_FREE, NULL, 1, __FILE__, __LINE__);
	for (size_t i = 0; i < count; i++) {
		frames[group[i]].held = false;
		drop(group[i]);
		trace_note(" frame %u", (unsigned)group[i]);
	}
	tlb_changed();
}

void
go_lazy(void)
{
	irqs_off();
	salvo_lazy_enter();
	irqs_on();
}

void
leave_lazy(void)
{
	irqs_off();
	salvo_lazy_leave();
	irqs_on();
}

void
load(unsigned space)
{
	irqs_off();
	salvo_space_load(&spaces[space]);
	irqs_on();
}

void
load_kernel(void)
{
	irqs_off();
	salvo_space_load(&machine.kernel);
	irqs_on();
}

void
irqs_off(void)
{
	cpus[running].irqs_off = true;
}

void
irqs_on(void)
{
	cpus[running].irqs_off = false;
}
