/* SPDX-License-Identifier: MIT */
/*
 * copy_on_fault.h: for the programs copy_on_fault*: a fault handler copies a page because its entry
 * is read-only, beside the protect that made it so, and a CPU that may still store to it. MARKED:
 * the host keeps a mark for each table.
 */
#include "program.h"

/* must_flush: before the page is copied, not after it. => the table's lock is held */
static bool must_flush(uintptr_t table);

static void
set_up(void)
{
	if (MARKED)
		mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
	run_on(2, 0);
}

static void
cpu0(void)
{
	irqs_off();
	protect(0, 0, 1);
	irqs_on();
}

/* copy: the entry goes, a flush, and the copy's is set: no CPU uses both pages. */
static void
copy(struct salvo_word *pte, uintptr_t old)
{
	const bool first = must_flush(salvo_arch_pte_frame(table_of(0, 0)->value, 2));
	uintptr_t new_pte = first ? 0 : copy_page(0, 0, old);

	salvo_atomic_exchange(pte, 0);
	salvo_flush_page(&spaces[0], PAGE(0));
	if (first)
		new_pte = copy_page(0, 0, old);
	salvo_atomic_store(pte, new_pte);
	free_page(salvo_arch_pte_frame(old, 1));
}

static void
cpu1(void)
{
	struct salvo_word *pte = entry(0, 0);
	uintptr_t old;

	irqs_off();
	lock_tables(0);
	old = salvo_atomic_load(pte);
	if (!salvo_arch_pte_writable(old))
		copy(pte, old);
	unlock_tables(0);
	irqs_on();
}

static void
cpu2(void)
{
	intptr_t found;

	if (!user_store(0, 7))
		return;
	found = user_load(0);
	require(found == 7 || found == -1, "what was stored is in the copy");
}
