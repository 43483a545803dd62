// SPDX-License-Identifier: MIT
/*
 * filecache.c: a fault at a page that is not in memory reads it and those that follow; a fault maps
 * what is in memory of the pages around it. Numbers are Linux's: 128 KiB ahead, 64 KiB around.
 */
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "clock.h"
#include "cpu.h"
#include "filecache.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "memory.h"
#include "reclaim.h"
#include "space.h"
#include "tlb.h"

enum { AHEAD = 32, AROUND = 16, BUSY_PAGE_NS = 500 };

/* read_page: into the frame, unless somebody has read it at the same time. */
static void
read_page(struct file *file, uint64_t index, struct frame *frame)
{
	cpu_run(machine.kernel.read + (machine.sockets > 1 ? machine.kernel.nodes : 0));
	frame->file = file->number;
	frame->index = (uint32_t)index;
	lock_take(&file->tree, LOCK_TREE);
	charge(machine.kernel.cache);
	if (file->frames[index] != 0) {
		lock_drop(&file->tree);
		frame_give(frame);
		return;
	}
	file->frames[index] = (uint32_t)frame_number(frame);
	lock_drop(&file->tree);
	reclaim_add(frame);
}

/*
 * read_ahead: all frames first, then what is in them, as Linux does: who has to reclaim for them does so
 * before, and the pages come to their list in one go.
 */
static void
read_ahead(struct file *file, uint64_t index)
{
	struct frame *frames[AHEAD];
	uint64_t missing[AHEAD];
	unsigned count = 0;

	for (unsigned i = 0; i < AHEAD && index + i < file->pages; i++)
		if (file->frames[index + i] == 0) {
			missing[count] = index + i;
			frames[count++] = memory_frame();
		}
	for (unsigned i = 0; i < count; i++)
		read_page(file, missing[i], frames[i]);
}

/*
 * map_page: if the page is in memory and nobody holds it, who may be about to unmap it. Between the
 * last look and the entry nobody else runs. => the table's lock is held
 */
static bool
map_page(struct file *file, uint64_t index, struct salvo_word *entry, salvo_pte bits)
{
	struct frame *frame = frame_of(file->frames[index]);

	if (file->frames[index] == 0 || frame->held || entry->value != 0)
		return false;
	charge(machine.kernel.rmap);
	lines_touch(frame, true);
	lines_touch(entry, true);
	if (file->frames[index] != frame_number(frame) || frame->held || entry->value != 0)
		return false;
	frame->mapped.value++;
	entry->value =
		frame_number(frame) << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | PTE_NO_EXEC | bits;
	return true;
}

static void
map_around(struct space *space, struct file *file, uint64_t index, salvo_pte bits)
{
	uint64_t first = index / AROUND * AROUND;
	uintptr_t table;
	struct salvo_word *entry =
		space_entry(space, file->address + first * PAGE_SIZE, true, &table);

	lock_take(table_lock(table), LOCK_TABLE);
	for (unsigned i = 0; i < AROUND && first + i < file->pages; i++)
		map_page(file, first + i, &entry[i], bits);
	lock_drop(table_lock(table));
}

/* allow_write: in an entry that is there, read-only because the page was cleaned. */
static bool
allow_write(struct space *space, const struct file *file, uint64_t index)
{
	uintptr_t table;
	struct salvo_word *entry =
		space_entry(space, file->address + index * PAGE_SIZE, true, &table);
	bool there;

	lock_take(table_lock(table), LOCK_TABLE);
	there = salvo_arch_pte_present(lines_load(entry));
	if (there)
		lines_or(entry, PTE_WRITE | PTE_DIRTY);
	lock_drop(table_lock(table));
	return there;
}

static void
fault(struct space *space, struct file *file, uint64_t index, bool write)
{
	enum where before = cpu_enter(FAULT);
	uint32_t frame;

	charge(machine.kernel.fault);
	lines_add(&space->area_lock, 1);
	if (file->frames[index] == 0)
		read_ahead(file, index);
	frame = file->frames[index];
	if (frame != 0 && frame_of(frame)->held)
		cpu_run(BUSY_PAGE_NS * CLOCK_NS);
	if (!write || !allow_write(space, file, index))
		map_around(space, file, index, 0);
	lines_add(&space->area_lock, (uintptr_t)-1);
	cpu_enter(before);
}

void
filecache_use(struct space *space, struct file *file, uint64_t index, bool write, uint64_t time)
{
	while (!tlb_access(space, file->address + index * PAGE_SIZE, write))
		fault(space, file, index, write);
	memory_user(time);
}
