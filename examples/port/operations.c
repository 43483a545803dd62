// SPDX-License-Identifier: MIT
/*
 * operations.c: the callbacks of step 4: page tables, and pages that are found by rmap. One thread
 * needs no lock.
 */
#include "machine.h"

#define MAPPINGS 256

/* The rmap: a list of all mappings. Slow and plain; address 0 is free. */
static struct {
	struct salvo_space *space;
	uintptr_t address;
	uintptr_t frame;
} rmap[MAPPINGS];

static bool page_dirty[MMU_FRAMES];

void
rmap_add(struct salvo_space *space, uintptr_t address, uintptr_t frame)
{
	size_t i = 0;

	while (rmap[i].address != 0)
		i++;
	rmap[i].space = space;
	rmap[i].address = address;
	rmap[i].frame = frame;
}

bool
salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count)
{
	size_t removed = 0;

	for (size_t i = 0; i < MAPPINGS; i++) {
		if (rmap[i].space != space || rmap[i].frame - frame >= count)
			continue;
		removed += rmap[i].address != 0;
		rmap[i].address = 0;
	}
	return removed == count;
}

void
salvo_port_rmap_move(
	struct salvo_space *space, uintptr_t frame, size_t count, uintptr_t from, uintptr_t to)
{
	for (size_t i = 0; i < MAPPINGS; i++)
		if (rmap[i].space == space && rmap[i].frame - frame < count &&
			rmap[i].address - from < count << SALVO_ARCH_PAGE_SHIFT)
			rmap[i].address += to - from;
}

void
salvo_port_rmap_walk(uintptr_t frame, salvo_rmap_visit *visit, void *context)
{
	for (size_t i = 0; i < MAPPINGS; i++) {
		struct salvo_mapping mapping = {.space = rmap[i].space,
			.address = rmap[i].address,
			.stride_shift = SALVO_ARCH_PAGE_SHIFT};

		if (mapping.address == 0 || rmap[i].frame != frame)
			continue;
		mapping.entry = tables_entry(mapping.space, mapping.address, 1);
		visit(&mapping, context);
	}
}

struct salvo_word *
salvo_port_table(uintptr_t frame)
{
	return mmu_frame_memory(frame);
}

void
salvo_port_table_lock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	(void)frame;
}

void
salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame)
{
	(void)space;
	(void)frame;
}

void
salvo_port_tables_lock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	(void)space;
	(void)a;
	(void)b;
}

void
salvo_port_tables_unlock(struct salvo_space *space, uintptr_t a, uintptr_t b)
{
	(void)space;
	(void)a;
	(void)b;
}

struct salvo_word *
salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	(void)space;
	(void)table;
	(void)address;
	return NULL;
}

bool
salvo_port_page_dirty(uintptr_t frame, size_t count)
{
	for (size_t i = 0; i < count; i++)
		page_dirty[frame + i] = true;
	return true;
}

bool
salvo_port_page_is_dirty(uintptr_t frame)
{
	return page_dirty[frame];
}

void
salvo_port_page_accessed(uintptr_t frame, size_t count)
{
	(void)frame;
	(void)count;
}
