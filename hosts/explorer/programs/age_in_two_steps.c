// expect: fails 2
// SPDX-License-Identifier: MIT
// A page is aged by a load and a store: Dirty, which hardware sets in between, is lost.
#include "program.h"

static void
set_up(void)
{
	track_accessed_bits();
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_ACCESSED);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	uintptr_t pte;

	lock_tables(0);
	pte = salvo_atomic_load(entry(0, 0));
	salvo_atomic_store(entry(0, 0), salvo_arch_pte_old(pte));
	unlock_tables(0);
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

PROGRAM(age_in_two_steps, 3, cpu0, cpu1, hardware);
