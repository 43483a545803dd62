// expect: safe, long
// SPDX-License-Identifier: MIT
// An unmap finds read-only what a protect has not flushed: a store may still pass.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
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

PROGRAM(unmap_beside_protect, 3, cpu0, cpu1, cpu2);
