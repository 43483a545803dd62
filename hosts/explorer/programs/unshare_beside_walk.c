// expect: safe
// SPDX-License-Identifier: MIT
// Two spaces share a table, and one lets go of it while software walks it there; then the other
// frees it. Who walks in the first is asked, for the flush is one of tables.
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
	salvo_flush_space(&spaces[1], true);
	unmap(0, 0, 2, true);
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(1, 0);
	irqs_on();
}

PROGRAM(unshare_beside_walk, 2, cpu0, cpu1);
