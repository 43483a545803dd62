// expect: fails 2
// SPDX-License-Identifier: MIT
// A clean page is reclaimed in one phase where stores pass clean entries unnoticed: one is lost.
#include "program.h"

static uintptr_t frame;

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

PROGRAM(one_phase_writes_pass, 2, cpu0, cpu1);
