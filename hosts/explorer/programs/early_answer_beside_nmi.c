// expect: fails 1
// SPDX-License-Identifier: MIT
// Not salvo's: a CPU answers before it flushes, and an NMI may touch user memory in between.
#include "protocol.h"

enum { WANTED, ANSWERED }; /* of words[] */

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	name_word(&words[WANTED], "wanted");
	name_word(&words[ANSWERED], "answered");
}

static void
handler(void)
{
	if (salvo_atomic_load_acquire(&words[WANTED]) == 0)
		return;
	salvo_atomic_store_release(&words[ANSWERED], 1);
	flush_own_tlb();
}

/* cpu0: the frame is another page at once. */
static void
cpu0(void)
{
	uintptr_t pte = salvo_atomic_exchange(entry(0, 0), 0);

	salvo_atomic_store_release(&words[WANTED], 1);
	raise_interrupt(1);
	flush_own_tlb();
	wait_until(&words[ANSWERED], 1);
	free_page(salvo_arch_pte_frame(pte, 1));
	map(0, 1, PTE_WRITE);
}

PROGRAM_OF(early_answer_beside_nmi, 2, handler, cpu0, NULL);
