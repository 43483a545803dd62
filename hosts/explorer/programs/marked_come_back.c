// expect: safe
// SPDX-License-Identifier: MIT
// An unmap comes back to a table, after its room was used up, where another, that took its number
// before, has cleared a page meanwhile.
#include "program.h"

static void
set_up(void)
{
	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 2, PTE_WRITE);
	map(0, 3, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	struct salvo_gather gather;

	irqs_off();
	salvo_gather_begin(&gather, space_of(0), PAGE(2), PAGE(4));
	salvo_unmap(&gather, PAGE(2), PAGE(3));
	salvo_unmap(&gather, PAGE(3), PAGE(4));
	salvo_gather_finish(&gather);
	promise(0, 2, 4, true);
	irqs_on();
}

static void
cpu1(void)
{
	struct salvo_gather gather;

	irqs_off();
	salvo_gather_begin(&gather, space_of(0), PAGE(0), PAGE(4));
	salvo_unmap(&gather, PAGE(0), PAGE(1));
	salvo_unmap(&gather, PAGE(3), PAGE(4));
	salvo_gather_finish(&gather);
	irqs_on();
}

PROGRAM(marked_come_back, 2, cpu0, cpu1);
