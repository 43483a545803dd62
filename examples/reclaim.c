// SPDX-License-Identifier: MIT
/*
 * reclaim.c: the batch. Pages that several spaces map are unmapped everywhere, and one flush covers
 * them all: one interrupt a CPU. Callbacks and library: all.
 */
#include <stdio.h>

#include "port/machine.h"

#define PAGES 16
#define START 0x2000

int
main(void)
{
	struct salvo_space spaces[3];
	uintptr_t frames[PAGES];
	struct salvo_batch batch;
	unsigned dirty = 0;

	machine_start();
	for (unsigned i = 0; i < PAGES; i++)
		frames[i] = mmu_frame_take(MMU_PAGE);
	for (unsigned cpu = 1; cpu < 4; cpu++) {
		struct salvo_space *space = &spaces[cpu - 1];

		salvo_space_init(space, tables_new());
		for (unsigned i = 0; i < PAGES; i++) {
			tables_map(space, START + i * PAGE, frames[i]);
			rmap_add(space, START + i * PAGE, frames[i]);
		}
		machine_run(cpu, space);
	}
	mmu_write(1, START, 42);
	machine_look(2, START, "mapped");

	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, frames, PAGES);
	salvo_batch_flush(&batch);

	machine_look(2, START, "reclaimed");
	for (unsigned i = 0; i < PAGES; i++) {
		dirty += salvo_port_page_is_dirty(frames[i]);
		mmu_frame_give(frames[i]);
	}
	printf("%d pages, %d mappings, %u to be written out first, %lu interrupts\n", PAGES,
		PAGES * 3, dirty, machine_interrupts());
	return machine_ok() ? 0 : 1;
}
