// expect: safe
// SPDX-License-Identifier: MIT
// Not salvo's: a global mailbox, one lock, and a countdown, as many kernels have it.
#include "mailbox.h"

/* shoot_down: interrupts stay on while it waits for the lock, so that it answers others. */
static void
shoot_down(unsigned page, unsigned other)
{
	uintptr_t pte = salvo_atomic_exchange(entry(0, page), 0);

	ask(page, other);
	free_page(salvo_arch_pte_frame(pte, 1));
}

PROGRAM_OF(mailbox_and_countdown, 2, handler, cpu0, cpu1);
