// expect: safe
// SPDX-License-Identifier: MIT
// A page is aged while it is written to and hardware sets Accessed: Dirty is not lost with it.
#include "program.h"

FIXED static uintptr_t frame;

static void
set_up(void)
{
	track_accessed_bits();
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_ACCESSED);
	frame = keep(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	require(salvo_age(frame) <= 1, "a page is used once per mapping");
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	user_store(0, 7);
}

/* hardware: walks whenever it likes. */
static void
hardware(void)
{
	speculate(0);
	speculate(0);
}

PROGRAM(age_beside_store, 3, cpu0, cpu1, hardware);
