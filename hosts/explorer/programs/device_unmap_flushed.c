// expect: safe
// SPDX-License-Identifier: MIT
// An unmap of device memory beside its freeing: the area is unlinked when the unmap has returned.
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
	unmap(0, 0, 1, false);
	salvo_atomic_store_release(&words[UNLINKED], 1);
}

static void
cpu1(void)
{
	if (salvo_atomic_load_acquire(&words[UNLINKED]) == 0)
		unmap(0, 0, 1, false);
	free_page(frame);
}

PROGRAM(device_unmap_flushed, 2, cpu0, cpu1);
