// expect: fails 1
// SPDX-License-Identifier: MIT
// A page is freed when its translation is flushed here, but not yet elsewhere.
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
	uintptr_t pte = salvo_atomic_exchange(entry(0, 0), 0);

	flush_own_tlb();
	free_page(salvo_arch_pte_frame(pte, 1));
	salvo_flush_page(&spaces[0], PAGE(0));
}

PROGRAM(free_before_flush, 2, cpu0, NULL);
