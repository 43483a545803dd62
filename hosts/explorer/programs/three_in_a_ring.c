// expect: safe
// SPDX-License-Identifier: MIT
// Each of three CPUs waits for the next one, with interrupts off: all serve while they wait.
#include "program.h"

static void
set_up(void)
{
	for (unsigned i = 0; i < 3; i++) {
		new_space(i);
		map(i, 0, PTE_WRITE);
		run_on(i, i);
	}
}

/* cut: the page of what the next CPU has loaded. */
static void
cut(void)
{
	unsigned next = (this_cpu() + 1) % 3;
	uintptr_t pte;

	irqs_off();
	pte = salvo_atomic_exchange(entry(next, 0), 0);
	salvo_flush_page(&spaces[next], PAGE(0));
	free_page(salvo_arch_pte_frame(pte, 1));
	irqs_on();
}

PROGRAM(three_in_a_ring, 3, cut, cut, cut);
