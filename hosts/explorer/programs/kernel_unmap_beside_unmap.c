// expect: safe
// SPDX-License-Identifier: MIT
// A kernel mapping goes, and a user's page by another CPU: a third one is asked for both, and
// answers when it uses neither.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(KERNEL, 0, PTE_WRITE);
	run_on(0, KERNEL);
	run_on(1, 0);
	run_on(2, KERNEL);
}

static void
cpu0(void)
{
	irqs_off();
	unmap(KERNEL, 0, 1, false);
	irqs_on();
}

static void
cpu2(void)
{
	irqs_off();
	unmap(0, 0, 1, false);
	irqs_on();
}

PROGRAM(kernel_unmap_beside_unmap, 3, cpu0, NULL, cpu2);
