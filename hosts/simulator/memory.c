// SPDX-License-Identifier: MIT
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "clock.h"
#include "cpu.h"
#include "frames.h"
#include "lines.h"
#include "machine.h"
#include "memory.h"
#include "policies/policy.h"
#include "reclaim.h"
#include "space.h"
#include "tlb.h"

struct frame *
memory_frame(void)
{
	struct frame *frame;

	for (unsigned tries = 0; (frame = frame_take()) == NULL; tries++)
		reclaim_for_me(tries);
	return frame;
}

/* map_own: => a fault was taken for a page that no table shows */
static void
map_own(struct space *space, uintptr_t address, struct salvo_word *entry, uintptr_t table)
{
	struct frame *frame = policy->recycle != NULL ? policy->recycle(space) : NULL;

	if (frame == NULL)
		frame = memory_frame();
	charge(machine.kernel.read);
	frame->space = space;
	frame->address = address;
	lock_take(table_lock(table), LOCK_TABLE);
	space_map(entry, frame, PTE_WRITE | PTE_ACCESSED | PTE_DIRTY);
	lock_drop(table_lock(table));
}

/* allow_write: in an entry that a protect made read-only. */
static void
allow_write(struct salvo_word *entry, uintptr_t table)
{
	lock_take(table_lock(table), LOCK_TABLE);
	if (salvo_arch_pte_present(lines_load(entry)))
		lines_or(entry, PTE_WRITE | PTE_DIRTY);
	lock_drop(table_lock(table));
}

static void
fault(struct space *space, uintptr_t address)
{
	enum where before = cpu_enter(FAULT);
	uintptr_t table;
	struct salvo_word *entry;

	charge(machine.kernel.fault);
	lines_add(&space->area_lock, 1);
	entry = space_entry(space, address, true, &table);
	if (salvo_arch_pte_present(lines_load(entry)))
		allow_write(entry, table);
	else
		map_own(space, address, entry, table);
	lines_add(&space->area_lock, (uintptr_t)-1);
	cpu_enter(before);
}

void
memory_use(struct space *space, uintptr_t address, bool write, uint64_t time)
{
	while (!tlb_access(space, address, write))
		fault(space, address);
	memory_user(time);
}

void
memory_user(uint64_t time)
{
	cpu_run(time + tlb_refill());
}
