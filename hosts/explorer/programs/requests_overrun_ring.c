// expect: safe
// SPDX-License-Identifier: MIT
// Requests are remembered over those that a CPU is just reading.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, KERNEL);
	run_on(1, 0);
	start_lazy(1);
}

/* clear: an entry, and a request for it that is not waited for. */
static uintptr_t
clear(unsigned page, uintptr_t *frame)
{
	struct salvo_range range = {
		.start = PAGE(page), .end = PAGE(page + 1), .stride_shift = SALVO_ARCH_PAGE_SHIFT};

	*frame = salvo_arch_pte_frame(salvo_atomic_exchange(entry(0, page), 0), 1);
	return salvo_request(&spaces[0], &range);
}

static void
cpu0(void)
{
	uintptr_t first, second, unused, gen;

	clear(0, &first);
	clear(2, &unused);
	gen = clear(1, &second);
	salvo_complete(&spaces[0], gen, false);
	free_page(first);
	free_page(second);
}

static void
cpu1(void)
{
	leave_lazy();
}

PROGRAM(requests_overrun_ring, 2, cpu0, cpu1);
