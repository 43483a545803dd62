// SPDX-License-Identifier: MIT
/*
 * port.c: what the library asks of this host.
 */
#include <stdio.h>
#include <stdlib.h>

#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "lines.h"
#include "lock.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "port.h"
#include "space.h"

static struct salvo_cpu *salvo_cpus;
static void *free_chunks; /* the first word leads to the next */

/* port_reset: every CPU online, on the kernel's root. */
void
port_reset(void)
{
	salvo_cpus = lines_allocate(sizeof(*salvo_cpus) * machine.cpus, LINES_CPU);
	for (clock_cpu = 0; clock_cpu < machine.cpus; clock_cpu++) {
		salvo_cpu_init(&salvo_cpus[clock_cpu], SALVO_MAX_SLOTS);
		salvo_cpu_online();
	}
	clock_cpu = 0;
}

/* ---- Who and where ---- */

struct salvo_cpu *
salvo_port_cpu(unsigned cpu)
{
	return &salvo_cpus[cpu];
}

struct salvo_machine *
salvo_port_machine(void)
{
	return salvo_machine_here;
}

uintptr_t
salvo_port_irq_save(void)
{
	return cpu_irq_save();
}

void
salvo_port_irq_restore(uintptr_t state)
{
	cpu_irq_restore(state);
}

bool
salvo_port_irqs_off(void)
{
	return cpu_self()->irqs_off;
}

void
salvo_port_interrupt(const struct salvo_cpuset *set)
{
	cpu_send(set);
}

void
salvo_port_relax(void)
{
	enum where before = cpu_enter(WAIT);

	lines_turn();
	cpu_enter(before);
}

uint64_t
salvo_port_clock_ns(void)
{
	return clock_now / CLOCK_NS;
}

void
salvo_port_stall(const struct salvo_stall *stall)
{
	(void)stall;
}

void
salvo_port_broken(const char *what, const char *file, int line)
{
	error("%s:%d: the simulator broke a precondition: %s", file, line, what);
	exit(STATUS_WRONG);
}

void
salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b)
{
	(void)event;
	(void)a;
	(void)b;
}

/* ---- Memory ---- */

/* The library's bookkeeping is no shared memory: it comes from the host. */
void *
salvo_port_chunk_alloc(void)
{
	void *chunk = free_chunks;

	charge(machine.kernel.allocate);
	if (chunk == NULL)
		return aligned_alloc(PAGE_SIZE, PAGE_SIZE);
	free_chunks = *(void **)chunk;
	return chunk;
}

void
salvo_port_chunk_free(void *chunk)
{
	*(void **)chunk = free_chunks;
	free_chunks = chunk;
}

/* Pages of a file stay in memory. */
void
salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	for (size_t i = 0; i < count; i++)
		for (uintptr_t n = 0; n < runs[i].count; n++)
			if (frame_of(runs[i].frame + n)->file == NO_FILE)
				frame_give(frame_of(runs[i].frame + n));
}

/* Software walks tables of loaded spaces alone, with interrupts off: the flush has waited for it. */
void
salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	for (size_t i = 0; i < count; i++)
		for (uintptr_t n = 0; n < runs[i].count; n++) {
			charge(machine.kernel.release);
			table_give(runs[i].frame + n);
		}
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

/* Spaces live as long as the run. */
bool
salvo_port_space_pin(struct salvo_space *space)
{
	lines_add(&((struct space *)(void *)space)->pins, 1);
	return true;
}

void
salvo_port_space_unpin(struct salvo_space *space)
{
	lines_add(&((struct space *)(void *)space)->pins, (uintptr_t)-1);
}

/* ---- Tables ---- */

struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	return table_entries(frame);
}

void
salvo_port_table_lock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	lock_take(table_lock(frame), LOCK_TABLE);
}

void
salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	lock_drop(table_lock(frame));
}

void
salvo_port_tables_lock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_lock(space, a < b ? a : b);
	if (a != b)
		salvo_port_table_lock(space, a < b ? b : a);
}

void
salvo_port_tables_unlock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	salvo_port_table_unlock(space, a);
	if (a != b)
		salvo_port_table_unlock(space, b);
}

struct salvo_word *
salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	(void)space;
	(void)address;
	return policy->unmarked ? NULL : table_mark(table);
}

/* ---- Pages and where they are mapped ---- */

bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	bool mapped = true;

	(void)space;
	charge(machine.kernel.rmap * count);
	for (size_t i = 0; i < count; i++)
		if (lines_add(&frame_of(frame + i)->mapped, (uintptr_t)-1) == 0)
			mapped = false;
	return mapped;
}

bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	bool outlives = false;

	for (size_t i = 0; i < count; i++) {
		struct frame *page = frame_of(frame + i);

		lines_touch(page, true);
		page->dirty = true;
		outlives |= page->file != NO_FILE;
	}
	return outlives;
}

void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	for (size_t i = 0; i < count; i++)
		frame_of(frame + i)->referenced = true;
}

bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	lines_touch(frame_of(frame), false);
	return frame_of(frame)->dirty;
}

/* visit_entry: if it maps the page. */
static void
visit_entry(struct space *space, uintptr_t address, uintptr_t frame, salvo_rmap_visit *visit,
	void *context)
{
	struct salvo_mapping mapping = {
		.space = &space->salvo, .address = address, .stride_shift = SALVO_ARCH_PAGE_SHIFT};
	salvo_pte pte;

	charge(machine.kernel.rmap);
	mapping.entry = space_entry(space, address, false, &mapping.table);
	if (mapping.entry == NULL)
		return;
	lock_take(table_lock(mapping.table), LOCK_TABLE);
	pte = lines_load(mapping.entry);
	if (salvo_arch_pte_present(pte) && salvo_arch_pte_frame(pte, 1) == frame)
		visit(&mapping, context);
	lock_drop(table_lock(mapping.table));
}

void
salvo_port_rmap_walk(uintptr_t number, salvo_rmap_visit *visit, void *context)
{
	const struct frame *frame = frame_of(number);
	struct file *file;

	if (frame->file == NO_FILE) {
		visit_entry(frame->space, frame->address, number, visit, context);
		return;
	}
	file = file_of(frame->file);
	lines_add(&file->areas_readers, 1);
	for (unsigned i = 0; i < file->area_count; i++)
		visit_entry(file->areas[i], file->address + frame->index * PAGE_SIZE, number, visit,
			context);
	lines_add(&file->areas_readers, (uintptr_t)-1);
}

/* Entries are found through their file. */
void
salvo_port_rmap_move(
	struct salvo_space *space, uintptr_t frame, size_t count, uintptr_t from, uintptr_t to)
{
	(void)space;
	(void)frame;
	(void)count;
	(void)from;
	(void)to;
}
