// expect: safe
// SPDX-License-Identifier: MIT
// An unmap finds clear what a finish that waits for nobody has not flushed everywhere yet: it
// flushes for itself.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 1, false);
}

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(late_finish_beside_unmap, 2, cpu0, cpu1);
