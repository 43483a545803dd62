// expect: fails 6
// SPDX-License-Identifier: MIT
// Not salvo's: a global mailbox, one lock, and a countdown, waited for with interrupts off.
#include "mailbox.h"

/* shoot_down: nobody answers who waits for the lock. */
static void
shoot_down(unsigned page, unsigned other)
{
	uintptr_t pte = salvo_atomic_exchange(entry(0, page), 0);

	irqs_off();
	ask(page, other);
	irqs_on();
	free_page(salvo_arch_pte_frame(pte, 1));
}

PROGRAM_OF(mailbox_with_interrupts_off, 2, handler, cpu0, cpu1);
