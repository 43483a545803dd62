/* SPDX-License-Identifier: MIT */
/*
 * one_phase.h: for the programs one_phase_*: a file's page is reclaimed without the first of the
 * two phases, beside a CPU that stores to it.
 */
#include "program.h"

FIXED static uintptr_t frame; /* of page 0, which set_up maps */

/* cpu0: reclaim that clears the entry at once, whatever it allows. */
static void
cpu0(void)
{
	struct salvo_batch batch;
	uintptr_t pte;

	salvo_batch_begin(&batch);
	lock_tables(0);
	salvo_batch_cover(&batch, &spaces[0]);
	pte = salvo_atomic_exchange(entry(0, 0), 0);
	if (salvo_arch_pte_dirty(pte))
		salvo_port_page_dirty(frame, 1);
	salvo_port_rmap_remove(&spaces[0], frame, 1);
	unlock_tables(0);
	salvo_batch_flush(&batch);
	write_out(frame);
	free_page(frame);
}

static void
cpu1(void)
{
	user_store(0, 7);
}
