// expect: safe
// SPDX-License-Identifier: MIT
// As marked_walk_beside_collapse, by a walk that takes hold of the page and looks at its entry
// again: it is not copied then.
#include "program.h"

static void
set_up(void)
{
	mark_walks();
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, PTE_WRITE);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	collapse(0, 0);
}

static void
cpu1(void)
{
	uintptr_t frame;

	irqs_off();
	frame = software_hold(0, 0);
	irqs_on();
	if (frame == 0)
		return;
	lock_tables(0);
	require(salvo_arch_pte_frame(salvo_atomic_load(entry(0, 0)), 1) == frame,
		"a page that is held stays where it is");
	unlock_tables(0);
	let_go(frame);
}

PROGRAM(marked_hold_beside_collapse, 2, cpu0, cpu1);
