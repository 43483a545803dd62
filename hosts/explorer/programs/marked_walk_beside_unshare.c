// expect: safe
// SPDX-License-Identifier: MIT
// As unshare_beside_walk, by a CPU that runs on another space: who lets go waits for it too.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	new_space(0);
	new_space(1);
	free_table(salvo_arch_pte_frame(table_of(1, 0)->value, 2));
	*table_of(1, 0) = *table_of(0, 0);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	salvo_atomic_exchange(table_of(1, 0), 0);
	salvo_flush_space(&spaces[1], true);
	salvo_walk_sync(&spaces[1]);
	unmap(0, 0, 2, true);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(1, 0);
	irqs_on();
}

PROGRAM(marked_walk_beside_unshare, 2, cpu0, cpu1);
