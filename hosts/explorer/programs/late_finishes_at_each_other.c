// expect: safe
// SPDX-License-Identifier: MIT
// Two CPUs unmap a page each, with interrupts off, by finishes that wait for nobody: each is left
// with the other CPU, or taken back from it.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	map(0, 1, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	irqs_off();
	unmap_later(0, 0, 1, false);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap_later(0, 1, 2, false);
	irqs_on();
}

PROGRAM(late_finishes_at_each_other, 2, cpu0, cpu1);
