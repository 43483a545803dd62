/* SPDX-License-Identifier: MIT */
/*
 * mailbox.h: for two of the programs mailbox_*: one mailbox for all, under a lock. Who wants a page
 * flushed puts it there, interrupts the other CPU, and waits until a countdown of answers ends.
 */
#include "protocol.h"

enum { LOCK, PAGE_PLUS_ONE, LEFT }; /* of words[] */

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	name_word(&words[LOCK], "mailbox lock");
	name_word(&words[PAGE_PLUS_ONE], "mailbox.page");
	name_word(&words[LEFT], "mailbox.left");
}

static void
handler(void)
{
	if (salvo_atomic_load_acquire(&words[PAGE_PLUS_ONE]) == 0)
		return;
	flush_own_tlb();
	salvo_atomic_add(&words[LEFT], (uintptr_t)-1);
}

/* ask: have the other CPU flush the page. */
static void
ask(unsigned page, unsigned other)
{
	while (salvo_atomic_exchange(&words[LOCK], 1) != 0)
		salvo_port_relax();
	salvo_atomic_store(&words[LEFT], 1);
	salvo_atomic_store_release(&words[PAGE_PLUS_ONE], page + 1);
	raise_interrupt(other);
	flush_own_tlb();
	wait_until(&words[LEFT], 0);
	salvo_atomic_store(&words[PAGE_PLUS_ONE], 0);
	salvo_atomic_store_release(&words[LOCK], 0);
}

/* shoot_down: of the program: clear the entry, ask, free the page. */
static void shoot_down(unsigned page, unsigned other);

static void
cpu0(void)
{
	shoot_down(0, 1);
}

static void
cpu1(void)
{
	shoot_down(1, 0);
}
