// expect: safe
// SPDX-License-Identifier: MIT
// As unmap_beside_protect, where each table has a mark of its own.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
	mark_each_table();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
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

static void
cpu1(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

static void
cpu2(void)
{
	user_store(0, 7);
}

PROGRAM(marked_unmap_beside_protect, 3, cpu0, cpu1, cpu2);
