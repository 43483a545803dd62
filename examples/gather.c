// SPDX-License-Identifier: MIT
/*
 * gather.c: step 3 of docs/PORTING.md. The host still clears its entries itself, and hands pages and tables to a
 * gather: one flush for all of them, and nothing is freed before it. Callbacks: and port/gather.c.
 * Of the library: and gather.c, batch.c.
 */
#include <stdio.h>

#include "port/machine.h"

#define PAGES 32 /* all that one table maps */
#define START (PAGES * PAGE)
#define END   (START + PAGES * PAGE)

/* unmap: what munmap does. A host with an rmap holds the table's lock up to remove_rmap. */
static void
unmap(struct salvo_space *space)
{
	struct salvo_gather gather;
	struct salvo_word *above;
	uintptr_t table;

	salvo_gather_begin(&gather, space, START, END);
	for (uintptr_t address = START; address < END; address += PAGE) {
		salvo_pte pte = salvo_atomic_exchange(tables_entry(space, address, 1), 0);
		bool room;

		salvo_gather_cleared(&gather, address, SALVO_ARCH_PAGE_SHIFT);
		room = salvo_gather_page(&gather, salvo_arch_pte_frame(pte, 1), 1);
		salvo_gather_remove_rmap(&gather);
		if (!room)
			salvo_gather_flush(&gather);
	}
	above = tables_entry(space, START, 2);
	table = salvo_arch_pte_frame(salvo_atomic_exchange(above, 0), 2);
	salvo_gather_table(&gather, table, START, SALVO_LEVEL_SHIFT(2));
	machine_look(1, START, "cleared, not flushed");
	salvo_gather_finish(&gather);
}

int
main(void)
{
	struct salvo_space space;
	size_t frames;

	machine_start();
	salvo_space_init(&space, tables_new());
	for (uintptr_t address = START; address < END; address += PAGE)
		tables_map(&space, address, 0);
	for (unsigned cpu = 0; cpu < 4; cpu++)
		machine_run(cpu, &space);
	mmu_write(1, START, 42);
	frames = mmu_frames_in_use();
	unmap(&space);
	machine_look(1, START, "finished");
	printf("%d pages and 1 table: %lu frames freed, %lu interrupts\n", PAGES,
		(unsigned long)(frames - mmu_frames_in_use()), machine_interrupts());
	return machine_ok() ? 0 : 1;
}
