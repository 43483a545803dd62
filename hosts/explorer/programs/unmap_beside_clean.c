// expect: safe
// SPDX-License-Identifier: MIT
// A file's dirty page is unmapped while it is written out, and written to.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	hold(0, 0);
	run_on(0, KERNEL);
	run_on(1, KERNEL);
	run_on(2, 0);
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
	clean();
	irqs_on();
}

static void
cpu2(void)
{
	user_store(0, 7);
}

PROGRAM(unmap_beside_clean, 3, cpu0, cpu1, cpu2);
