// SPDX-License-Identifier: MIT
/*
 * shootdown.c: step 2 of docs/PORTING.md, the first that runs. The host changes its own page tables and frees its own pages; salvo finds
 * the CPUs that may hold the old translation, and makes them forget it.
 * Callbacks: port/shootdown.c. Of the library: shootdown.c, flush.c, space.c, later.c.
 */
#include <stdio.h>

#include "port/machine.h"

#define ADDRESS 0x2000

int
main(void)
{
	struct salvo_space space;
	uintptr_t frame;

	machine_start();
	salvo_space_init(&space, tables_new());
	frame = tables_map(&space, ADDRESS, 0);
	for (unsigned cpu = 0; cpu < 3; cpu++)
		machine_run(cpu, &space);
	mmu_write(1, ADDRESS, 42);
	machine_look(1, ADDRESS, "mapped");

	/* From the clear to the flush an old translation may be used: the machine's judge is told.
	 */
	mmu_change_begin(space.root, ADDRESS, ADDRESS + PAGE);
	salvo_atomic_store(tables_entry(&space, ADDRESS, 1), 0);
	machine_look(1, ADDRESS, "cleared, not flushed");

	salvo_flush_page(&space, ADDRESS);
	mmu_change_end(space.root, ADDRESS, ADDRESS + PAGE);
	machine_look(1, ADDRESS, "flushed");
	machine_look(2, ADDRESS, "flushed");

	mmu_frame_give(frame);
	printf("interrupts: %lu; CPU 0 flushed by itself, CPU 3 never ran the space\n",
		machine_interrupts());
	return machine_ok() ? 0 : 1;
}
