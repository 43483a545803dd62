// expect: fails 1
// SPDX-License-Identifier: MIT
// Not salvo's: a countdown from two, of which the first answer is taken for the last.
#include "protocol.h"

enum { LEFT }; /* of words[] */

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	for (unsigned c = 0; c < 3; c++)
		run_on(c, 0);
	name_word(&words[LEFT], "mailbox.left");
}

static void
handler(void)
{
	flush_own_tlb();
	salvo_atomic_add(&words[LEFT], (uintptr_t)-1);
}

static void
cpu0(void)
{
	uintptr_t pte = salvo_atomic_exchange(entry(0, 0), 0);

	salvo_atomic_store(&words[LEFT], 2);
	raise_interrupt(1);
	raise_interrupt(2);
	flush_own_tlb();
	while (salvo_atomic_load_acquire(&words[LEFT]) == 2)
		salvo_port_relax();
	free_page(salvo_arch_pte_frame(pte, 1));
}

PROGRAM_OF(mailbox_frees_at_first_answer, 3, handler, cpu0, NULL, NULL);
