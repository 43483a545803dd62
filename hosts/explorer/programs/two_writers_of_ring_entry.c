// expect: safe
// SPDX-License-Identifier: MIT
// Requests a ring's length apart are remembered in one entry while CPUs catch up with both.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
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
	uintptr_t frame, gen = clear(0, &frame);

	salvo_complete(&spaces[0], gen, false);
	free_page(frame);
}

static void
cpu1(void)
{
	uintptr_t unused, frame, gen;

	clear(2, &unused);
	gen = clear(1, &frame);
	salvo_complete(&spaces[0], gen, false);
	free_page(frame);
}

PROGRAM(two_writers_of_ring_entry, 2, cpu0, cpu1);
