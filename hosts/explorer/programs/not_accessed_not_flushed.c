// expect: safe
// SPDX-License-Identifier: MIT
// An entry that was never accessed is in no TLB: a policy that then does not flush.
#include "program.h"

FIXED static uintptr_t frame;

static void
set_up(void)
{
	track_accessed_bits();
	new_space(0);
	map(0, 0, PTE_WRITE);
	frame = hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	uintptr_t pte = salvo_atomic_exchange(entry(0, 0), 0);

	if (salvo_arch_pte_accessed(pte))
		salvo_flush_page(&spaces[0], PAGE(0));
	free_page(frame);
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

PROGRAM(not_accessed_not_flushed, 3, cpu0, cpu1, hardware);
