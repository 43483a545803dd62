// expect: safe
// SPDX-License-Identifier: MIT
// A space goes where a lazy CPU just serves another's request, for a kernel page: it may have
// caught up with all that was asked of the space, and still walk it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, 0);
	start_lazy(1);
	run_on(2, KERNEL);
}

static void
cpu0(void)
{
	irqs_off();
	destroy(0);
	irqs_on();
}

static void
cpu2(void)
{
	irqs_off();
	salvo_flush_page(&machine.kernel, PAGE(0));
	irqs_on();
}

PROGRAM(destroy_beside_kernel_flush, 3, cpu0, NULL, cpu2);
