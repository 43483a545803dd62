// expect: fails 1
// SPDX-License-Identifier: MIT
// An unmap of device memory unlinks the area before it has flushed (CVE-2022-39188): the driver
// finds no area to be unmapped, and frees the memory.
#include "program.h"

enum { UNLINKED }; /* of words[] */
FIXED static uintptr_t frame;

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	frame = keep(0, 0);
	run_on(0, 0);
	run_on(1, KERNEL);
	name_word(&words[UNLINKED], "area.unlinked");
}

static void
cpu0(void)
{
	lock_tables(0);
	salvo_atomic_exchange(entry(0, 0), 0);
	unlock_tables(0);
	salvo_atomic_store_release(&words[UNLINKED], 1);
	salvo_flush_page(&spaces[0], PAGE(0));
}

/* cpu1: the driver. Pages of a device have no rmap: their mappings are found by area. */
static void
cpu1(void)
{
	if (salvo_atomic_load_acquire(&words[UNLINKED]) == 0)
		unmap(0, 0, 1, false);
	free_page(frame);
}

PROGRAM(device_unmap_2022, 2, cpu0, cpu1);
