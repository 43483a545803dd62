// expect: fails 0
// SPDX-License-Identifier: MIT
// A CPU reads an entry of a table that another frees.
#include "program.h"

FIXED static struct salvo_word *e;
FIXED static uintptr_t t;

static void
set_up(void)
{
	new_space(0);
	e = entry(0, 0);
	e->value = PTE_WRITE;
	t = salvo_arch_pte_frame(table_of(0, 0)->value, 2);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	require(salvo_atomic_load(e) == PTE_WRITE, "the entry is there");
}

static void
cpu1(void)
{
	free_table(t);
}

PROGRAM(entry_of_freed_table, 2, cpu0, cpu1);
