// expect: safe
// SPDX-License-Identifier: MIT
// A request that a later one has completed interrupts nobody.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(1);
}

static void
cpu0(void)
{
	struct salvo_range range = {.end = PAGE(1), .stride_shift = SALVO_ARCH_PAGE_SHIFT};
	uintptr_t pte = salvo_atomic_exchange(entry(0, 0), 0);
	uintptr_t gen = salvo_request(&spaces[0], &range);

	salvo_flush_page(&spaces[0], PAGE(3));
	salvo_complete(&spaces[0], gen, false);
	free_page(salvo_arch_pte_frame(pte, 1));
}

static void
cpu1(void)
{
	load_kernel();
	load(0);
}

PROGRAM(interrupt_no_done, 2, cpu0, cpu1);
