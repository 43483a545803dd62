// expect: fails 3
// SPDX-License-Identifier: MIT
// As unshare_beside_walk, by one that flushes nothing because no page goes: the other space, when
// it frees the table, asks its own CPUs alone.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	new_space(1);
	free_table(salvo_arch_pte_frame(table_of(1, 0)->value, 2));
	*table_of(1, 0) = *table_of(0, 0);
	run_on(0, 0);
	run_on(1, 1);
}

static void
cpu0(void)
{
	salvo_atomic_exchange(table_of(1, 0), 0);
	unmap(0, 0, 2, true);
}

PROGRAM(unshare_not_flushed, 2, cpu0);
