// expect: safe
// SPDX-License-Identifier: MIT
// As move_beside_clean_2016, mended as Linux did: a dirty entry is flushed before the lock is
// dropped.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, KERNEL);
	run_on(1, 0);
}

static void
cpu0(void)
{
	lock_tables(0);
	salvo_atomic_store(entry(0, 2), salvo_atomic_exchange(entry(0, 0), 0));
	salvo_flush_page(&spaces[0], PAGE(0));
	unlock_tables(0);
	promise(0, 0, 1, true);
}

/* cpu1: write-back flushes the one page that it cleaned; then user mode writes. */
static void
cpu1(void)
{
	uintptr_t pte;

	lock_tables(0);
	pte = salvo_atomic_load(entry(0, 2));
	if (salvo_arch_pte_present(pte)) {
		salvo_atomic_and(entry(0, 2), ~(uintptr_t)(PTE_WRITE | PTE_DIRTY));
		salvo_port_page_dirty(salvo_arch_pte_frame(pte, 1), 1);
		salvo_flush_page(&spaces[0], PAGE(2));
	}
	unlock_tables(0);
	if (salvo_arch_pte_present(pte))
		write_out(salvo_arch_pte_frame(pte, 1));
	user_store(0, 7);
}

PROGRAM(move_flushed_beside_clean, 2, cpu0, cpu1);
