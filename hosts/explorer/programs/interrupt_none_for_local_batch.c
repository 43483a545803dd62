// expect: safe
// SPDX-License-Identifier: MIT
// A batch is flushed when no other CPU has its space loaded: nobody is interrupted, nor who had it
// loaded when the entry was cleared.
#include "program.h"

enum { CLEARED, LEFT };

FIXED static uintptr_t frame;

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	frame = hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
	name_word(&words[CLEARED], "cleared");
	name_word(&words[LEFT], "left");
	limit_interrupts(0);
}

static void
cpu0(void)
{
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	salvo_reclaim(&batch, &frame, 1);
	salvo_atomic_store_release(&words[CLEARED], 1);
	wait_until(&words[LEFT], 1);
	salvo_batch_flush(&batch);
	free_page(frame);
}

static void
cpu1(void)
{
	wait_until(&words[CLEARED], 1);
	load_kernel();
	salvo_atomic_store_release(&words[LEFT], 1);
}

PROGRAM(interrupt_none_for_local_batch, 2, cpu0, cpu1);
