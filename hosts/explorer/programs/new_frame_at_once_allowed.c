// expect: safe
// SPDX-License-Identifier: MIT
// As new_frame_at_once, on hardware that takes one of the two.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, 0);
	map(0, 1, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	uintptr_t old, new = salvo_atomic_exchange(entry(0, 1), 0);

	salvo_flush_page(&spaces[0], PAGE(1));
	old = salvo_atomic_exchange(entry(0, 0), new);
	salvo_flush_page(&spaces[0], PAGE(0));
	free_page(salvo_arch_pte_frame(old, 1));
}

PROGRAM(new_frame_at_once_allowed, 2, cpu0, NULL);
