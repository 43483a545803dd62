// expect: safe
// SPDX-License-Identifier: MIT
// A write faults between the two phases of reclaim, and makes the entry writable but clean: the
// second phase takes it for written.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	reclaim();
}

/* cpu1: a fault that leaves Dirty to the store. */
static void
cpu1(void)
{
	if (user_store(0, 7))
		return;
	lock_tables(0);
	if (salvo_arch_pte_present(salvo_atomic_load(entry(0, 0))))
		salvo_atomic_or(entry(0, 0), PTE_WRITE);
	unlock_tables(0);
	user_store(0, 8);
}

PROGRAM(fault_makes_clean, 2, cpu0, cpu1);
