// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>

#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "space.h"

enum { TABLES_MAX = 1 << 20, FILES_MAX = 1 << 13, ENTRIES = 1 << SALVO_ARCH_INDEX_BITS };

/* What belongs to a table, but is not in it. */
struct table {
	SALVO_CACHE_ALIGNED struct lock lock;
	struct salvo_word mark; /* salvo's */
	uint32_t next;          /* free one, and one more */
};

struct salvo_machine *salvo_machine_here;

static struct salvo_word (*entries)[ENTRIES];
static struct table *tables;
static uint32_t tables_used, free_tables;
static struct file *files;
static uint32_t file_count;
static uint32_t space_count;

/* ---- Tables ---- */

struct salvo_word *
table_entries(uintptr_t table)
{
	return entries[table - TABLE_FIRST];
}

struct lock *
table_lock(uintptr_t table)
{
	return &tables[table - TABLE_FIRST].lock;
}

struct salvo_word *
table_mark(uintptr_t table)
{
	return &tables[table - TABLE_FIRST].mark;
}

static uintptr_t
table_take(void)
{
	uint32_t i = free_tables != 0 ? free_tables - 1 : tables_used;

	if (free_tables != 0) {
		free_tables = tables[i].next;
		for (unsigned n = 0; n < ENTRIES; n++)
			entries[i][n].value = 0;
	} else if (tables_used++ == TABLES_MAX) {
		error("the simulated spaces need more than %d page tables", TABLES_MAX);
		exit(STATUS_ERROR);
	}
	tables[i].mark.value = 0;
	if (clock_running)
		charge(machine.kernel.read);
	return TABLE_FIRST + i;
}

void
table_give(uintptr_t table)
{
	uint32_t i = (uint32_t)(table - TABLE_FIRST);

	tables[i].next = free_tables;
	free_tables = i + 1;
}

static unsigned
index_at(uintptr_t address, unsigned level)
{
	return (unsigned)(address >> SALVO_LEVEL_SHIFT(level)) & (ENTRIES - 1);
}

/* make_table: fill an empty upper-level entry; somebody else may do it first. */
static void
make_table(struct salvo_word *entry, uintptr_t table)
{
	lock_take(table_lock(table), LOCK_TABLE);
	if (lines_load(entry) == 0)
		lines_store(entry, table_take() << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | PTE_WRITE);
	lock_drop(table_lock(table));
}

/* walk: the entry of this level for an address; NULL: a table is missing on the way, and not made. */
static struct salvo_word *
walk(const struct space *space, uintptr_t address, unsigned to, bool make, uintptr_t *table)
{
	uintptr_t frame = space->salvo.root >> SALVO_ARCH_PAGE_SHIFT;

	for (unsigned level = SALVO_ARCH_LEVELS;; level--) {
		struct salvo_word *entry = &table_entries(frame)[index_at(address, level)];

		if (level == to) {
			*table = frame;
			return entry;
		}
		if (lines_load(entry) == 0) {
			if (!make)
				return NULL;
			make_table(entry, frame);
		}
		frame = salvo_arch_pte_frame(entry->value, level);
	}
}

struct salvo_word *
space_entry(const struct space *space, uintptr_t address, bool make, uintptr_t *table)
{
	return walk(space, address, 1, make, table);
}

struct salvo_word *
space_upper_entry(const struct space *space, uintptr_t address, uintptr_t *table)
{
	return walk(space, address, 2, false, table);
}

void
space_map(struct salvo_word *entry, struct frame *frame, salvo_pte bits)
{
	lines_add(&frame->mapped, 1);
	lines_store(entry, frame_number(frame) << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | bits);
}

/* ---- Spaces ---- */

void
spaces_reset(void)
{
	uintptr_t kernel;

	entries = lines_allocate(sizeof(*entries) * TABLES_MAX, LINES_TABLE);
	tables = lines_allocate(sizeof(*tables) * TABLES_MAX, LINES_LOCK);
	files = lines_allocate(sizeof(*files) * FILES_MAX, LINES_FILE);
	tables_used = free_tables = 0;
	file_count = 0;
	space_count = 0;
	kernel = table_take();
	salvo_machine_here = lines_allocate(sizeof(*salvo_machine_here), LINES_SPACE);
	salvo_machine_init(salvo_machine_here, kernel << SALVO_ARCH_PAGE_SHIFT,
		(unsigned)machine.flush.ceiling, 0);
}

struct space *
space_new(void)
{
	struct space *space = lines_allocate(sizeof(*space), LINES_SPACE);

	salvo_space_init(&space->salvo, table_take() << SALVO_ARCH_PAGE_SHIFT);
	space->number = ++space_count;
	return space;
}

void
space_enter(struct space *space)
{
	struct cpu *self = cpu_self();
	uintptr_t irqs = cpu_irq_save();

	if (self->loaded != space) {
		struct space *from = self->loaded;

		self->loaded = space;
		policy->switched(clock_cpu, from, space);
	} else if (self->lazy) {
		policy->lazy(clock_cpu, false);
	}
	self->lazy = false;
	cpu_irq_restore(irqs);
}

void
space_borrow(void)
{
	struct cpu *self = cpu_self();
	uintptr_t irqs = cpu_irq_save();

	if (!self->lazy && self->loaded != NULL) {
		self->lazy = true;
		policy->lazy(clock_cpu, true);
	}
	cpu_irq_restore(irqs);
}

/* ---- Files ---- */

struct file *
file_new(uint64_t pages, uintptr_t address, unsigned areas)
{
	struct file *file = &files[file_count++];

	if (file_count > FILES_MAX) {
		error("more than %d files", FILES_MAX);
		exit(STATUS_ERROR);
	}
	file->number = file_count;
	file->pages = pages;
	file->address = address;
	file->areas = lines_allocate(sizeof(struct space *) * areas, LINES_FILE);
	file->frames = lines_allocate(sizeof(*file->frames) * pages, LINES_FILE);
	return file;
}

void
file_map(struct file *file, struct space *space)
{
	file->areas[file->area_count++] = space;
}

struct file *
file_of(uint32_t number)
{
	return &files[number - 1];
}
