// expect: fails 3
// SPDX-License-Identifier: MIT
// Not salvo's: as early_answer, for a page table, which hardware walks in kernel mode too.
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
	user_access(false); /* an NMI may come before the flush */
	salvo_atomic_store_release(&words[ANSWERED], 1);
	flush_own_tlb();
	user_access(true);
}

/* cpu0: the table goes, with all that it maps. */
static void
cpu0(void)
{
	uintptr_t pte = salvo_atomic_exchange(table_of(0, 0), 0);

	salvo_atomic_store_release(&words[WANTED], 1);
	raise_interrupt(1);
	flush_own_tlb();
	wait_until(&words[ANSWERED], 1);
	free_table(salvo_arch_pte_frame(pte, 2));
}

PROGRAM_OF(early_answer_for_table, 2, handler, cpu0, NULL);
