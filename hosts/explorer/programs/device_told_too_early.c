// expect: fails 1
// SPDX-License-Identifier: MIT
// A device is told before an entry is cleared, and that it may fetch again: so it does.
#include "program.h"

static void
set_up(void)
{
	attach_device();
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	uintptr_t pte;

	salvo_port_invalidate_begin(&spaces[0], PAGE(0), PAGE(1));
	salvo_port_invalidate_end(&spaces[0], PAGE(0), PAGE(1));
	pte = salvo_atomic_exchange(entry(0, 0), 0);
	salvo_flush_page(&spaces[0], PAGE(0));
	free_page(salvo_arch_pte_frame(pte, 1));
}

PROGRAM(device_told_too_early, 2, cpu0, NULL);
