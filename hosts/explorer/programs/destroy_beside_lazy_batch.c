// expect: safe
// SPDX-License-Identifier: MIT
// A space goes while a CPU that is lazy on it reclaims its page, where two translations of a page
// may not meet, so that lazy CPUs flush too: it lets go of the space where it flushes.
#include "program.h"

static void
set_up(void)
{
	need_break_before_make();
	count_pins();
	new_space(0);
	map(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, KERNEL);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	destroy(0);
}

static void
cpu1(void)
{
	irqs_off();
	reclaim();
	irqs_on();
}

PROGRAM(destroy_beside_lazy_batch, 2, cpu0, cpu1);
