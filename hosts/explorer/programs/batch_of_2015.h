/* SPDX-License-Identifier: MIT */
/*
 * batch_of_2015.h: for the programs batch_of_2015*: reclaim as published in 2015. It flushes at the
 * end of its batch, and tells nobody before.
 */
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

/* cpu0: the flush comes before the page is freed, so the batch itself is right. */
static void
cpu0(void)
{
	uintptr_t pte;

	lock_tables(0);
	pte = salvo_atomic_exchange(entry(0, 0), 0);
	if (salvo_arch_pte_present(pte))
		salvo_port_rmap_remove(&spaces[0], salvo_arch_pte_frame(pte, 1), 1);
	unlock_tables(0);
	if (!salvo_arch_pte_present(pte))
		return;
	salvo_flush_space(&spaces[0], false);
	free_page(salvo_arch_pte_frame(pte, 1));
}
