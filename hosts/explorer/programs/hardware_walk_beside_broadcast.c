// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed after a flush that reaches all CPUs without an interrupt: hardware is out of it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	uintptr_t page = salvo_atomic_exchange(entry(0, 0), 0);
	uintptr_t table = salvo_atomic_exchange(table_of(0, 0), 0);

	broadcast_flush(0);
	free_page(salvo_arch_pte_frame(page, 1));
	free_table(salvo_arch_pte_frame(table, 2));
}

static void
cpu1(void)
{
	leave_lazy();
}

PROGRAM(hardware_walk_beside_broadcast, 2, cpu0, cpu1);
