// expect: fails 3
// SPDX-License-Identifier: MIT
// A table is freed after a flush that reaches all CPUs without an interrupt (flush_interrupts is
// false): software that walks with interrupts off is not waited for.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	uintptr_t pte = salvo_atomic_exchange(table_of(0, 0), 0);

	broadcast_flush(0);
	free_table(salvo_arch_pte_frame(pte, 2));
}

static void
cpu1(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(software_walk_beside_broadcast, 2, cpu0, cpu1);
