// expect: fails 0
// SPDX-License-Identifier: MIT
// As migrate_beside_store, where the page is copied before its entry is cleared and flushed.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	uintptr_t new = copy_page(0, 0, salvo_atomic_load(entry(0, 0)));
	uintptr_t old = salvo_atomic_exchange(entry(0, 0), 0);

	salvo_flush_page(&spaces[0], PAGE(0));
	salvo_atomic_store(entry(0, 0), new);
	free_page(salvo_arch_pte_frame(old, 1));
}

static void
cpu1(void)
{
	intptr_t value;

	if (!user_store(0, 7))
		return;
	value = user_load(0);
	require(value == 7 || value == -1, "a write is read back, or the load faults");
}

PROGRAM(migrate_copied_too_early, 2, cpu0, cpu1);
