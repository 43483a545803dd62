// SPDX-License-Identifier: MIT
/*
 * operations.c: step 4 of docs/PORTING.md. The library walks the tables and keeps the order of locks, Dirty bits,
 * rmap, flushes and frees. Callbacks: and port/operations.c. Of the library: all.
 */
#include <stdio.h>

#include "port/machine.h"

#define PAGES 64 /* two tables */
#define START (PAGES * PAGE)
#define END   (START + PAGES * PAGE)

static void
make_read_only(struct salvo_space *space)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, space, START, END);
	salvo_protect(&gather, START, END, 0);
	salvo_gather_finish(&gather);
}

static void
unmap(struct salvo_space *space)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, space, START, END);
	salvo_unmap(&gather, START, END);
	salvo_free_tables(&gather, START, END);
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
		rmap_add(&space, address, tables_map(&space, address, 0));
	for (unsigned cpu = 0; cpu < 4; cpu++)
		machine_run(cpu, &space);
	printf("mapped: CPU 1 %s\n", mmu_write(1, START, 42) ? "writes 42" : "cannot write");
	make_read_only(&space);
	printf("read-only: CPU 1 %s\n", mmu_write(1, START, 43) ? "writes 43" : "cannot write");
	machine_look(1, START, "read-only");
	printf("interrupts: %lu\n", machine_interrupts());
	frames = mmu_frames_in_use();
	unmap(&space);
	machine_look(1, START, "unmapped");
	printf("%lu frames freed, interrupts: %lu\n", (unsigned long)(frames - mmu_frames_in_use()),
		machine_interrupts());
	return machine_ok() ? 0 : 1;
}
