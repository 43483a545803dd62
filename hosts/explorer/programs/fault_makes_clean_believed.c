// expect: fails 2
// SPDX-License-Identifier: MIT
// As fault_makes_clean, with a second phase that believes the entry where it says clean.
#include "program.h"

FIXED static uintptr_t frame;

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	frame = hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

/* phase: take bits from the entry, and flush; returns what was there. */
static uintptr_t
phase(uintptr_t bits)
{
	uintptr_t pte;

	lock_tables(0);
	pte = salvo_atomic_and(entry(0, 0), ~bits);
	unlock_tables(0);
	salvo_flush_page(&spaces[0], PAGE(0));
	return pte;
}

static void
cpu0(void)
{
	phase(PTE_WRITE);
	if (salvo_arch_pte_dirty(phase(UINTPTR_MAX)))
		salvo_port_page_dirty(frame, 1);
	write_out(frame);
	free_page(frame);
}

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

PROGRAM(fault_makes_clean_believed, 2, cpu0, cpu1);
