// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed; a later request, that is done, says nothing of the lazy CPU.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 2, PTE_WRITE);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
	run_on(2, 0);
	start_lazy(2);
}

static void
cpu0(void)
{
	irqs_off();
	salvo_flush_page(&spaces[0], PAGE(3));
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 2, 4, true);
	irqs_on();
}

PROGRAM(table_free_beside_done, 3, cpu0, cpu1, NULL);
