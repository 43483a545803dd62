// expect: safe
// SPDX-License-Identifier: MIT
// A dirty page and a clean one are reclaimed as groups of their own, in one batch, where stores
// pass clean entries unnoticed: the second group's first phase flushes the first one.
#include "program.h"

FIXED static uintptr_t groups[2];

static void
set_up(void)
{
	clean_writes_pass();
	count_pins();
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	map_file(0, 1, PTE_WRITE);
	groups[0] = hold(0, 0);
	groups[1] = hold(0, 1);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(2);
}

static void
cpu0(void)
{
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	for (unsigned i = 0; i < 2; i++)
		salvo_reclaim(&batch, &groups[i], 1);
	salvo_batch_flush(&batch);
	for (unsigned i = 0; i < 2; i++) {
		write_out(groups[i]);
		free_page(groups[i]);
	}
}

static void
cpu1(void)
{
	user_store(0, 7);
	user_store(1, 8);
}

PROGRAM(reclaim_in_groups, 2, cpu0, cpu1);
