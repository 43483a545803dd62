// expect: safe
// SPDX-License-Identifier: MIT
// As marked_two_unmaps, after more than half a narrow counter's numbers without a quiet moment, and
// then some with one after each.
#include "program.h"

static void
again(unsigned page)
{
	map(0, page, PTE_WRITE);
	zap(0, page, page + 1, false);
}

static void
set_up(void)
{
	FIXED static struct salvo_gather open;

	mark_each_table();
	new_space(0);
	map(0, 0, PTE_WRITE);
	salvo_gather_begin(&open, &spaces[0], PAGE(1), PAGE(4));
	again(1);
	again(2);
	again(3);
	again(1);
	again(2);
	salvo_gather_finish(&open);
	again(3); /* a quiet moment after each of these */
	again(1);
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

PROGRAM(marked_quiet_after_long, 2, cpu0, cpu1);
