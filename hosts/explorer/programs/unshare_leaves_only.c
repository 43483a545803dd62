// expect: fails 3
// SPDX-License-Identifier: MIT
// As unshare_beside_walk, beside a lazy CPU, by one whose flush does not say that a table goes:
// lazy CPUs, whose hardware walks too, are not asked.
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
	start_lazy(1);
}

static void
cpu0(void)
{
	salvo_atomic_exchange(table_of(1, 0), 0);
	salvo_flush_space(&spaces[1], false);
	unmap(0, 0, 2, true);
}

PROGRAM(unshare_leaves_only, 2, cpu0);
