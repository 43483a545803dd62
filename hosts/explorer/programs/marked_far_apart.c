// expect: safe
// SPDX-License-Identifier: MIT
// As marked_two_unmaps, after operations that took half of a narrow counter's numbers while another
// one, which has no end, kept them all open.
#include "program.h"

static void
set_up(void)
{
	FIXED static struct salvo_gather endless;

	mark_each_table();
	new_space(0);
	for (unsigned p = 0; p < 4; p++)
		map(0, p, PTE_WRITE);
	salvo_gather_begin(&endless, &spaces[0], PAGE(1), PAGE(4));
	for (unsigned p = 1; p < 4; p++)
		zap(0, p, p + 1, false);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(marked_far_apart, 2, cpu0, cpu1);
