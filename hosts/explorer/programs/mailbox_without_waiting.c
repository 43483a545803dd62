// expect: fails 1
// SPDX-License-Identifier: MIT
// Not salvo's: everybody is interrupted for each page, and nobody waited for.
#include "protocol.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	for (unsigned p = 0; p < 2; p++) {
		uintptr_t pte = salvo_atomic_exchange(entry(0, p), 0);

		flush_own_page(p);
		raise_interrupt(1);
		free_page(salvo_arch_pte_frame(pte, 1));
	}
}

PROGRAM_OF(mailbox_without_waiting, 2, flush_own_tlb, cpu0, NULL);
