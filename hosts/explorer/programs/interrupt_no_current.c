// expect: safe
// SPDX-License-Identifier: MIT
// A CPU that has flushed since the request is not interrupted for it.
#include "program.h"

enum { REQUESTED, FLUSHED }; /* of words[] */

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	limit_interrupts(0);
	name_word(&words[REQUESTED], "requested");
	name_word(&words[FLUSHED], "flushed");
}

static void
cpu0(void)
{
	struct salvo_range range = {.end = PAGE(1), .stride_shift = SALVO_ARCH_PAGE_SHIFT};
	uintptr_t pte = salvo_atomic_exchange(entry(0, 0), 0);
	uintptr_t gen = salvo_request(&spaces[0], &range);

	salvo_atomic_store_release(&words[REQUESTED], 1);
	wait_until(&words[FLUSHED], 1);
	salvo_complete(&spaces[0], gen, false);
	free_page(salvo_arch_pte_frame(pte, 1));
}

static void
cpu1(void)
{
	wait_until(&words[REQUESTED], 1);
	load_kernel();
	load(0);
	salvo_atomic_store_release(&words[FLUSHED], 1);
}

PROGRAM(interrupt_no_current, 2, cpu0, cpu1);
