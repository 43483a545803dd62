// expect: safe
// SPDX-License-Identifier: MIT
// A table is freed by a finish that waits for nobody, while a lazy CPU's hardware may walk it, and
// comes back.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
	start_lazy(1);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 2, true);
}

static void
cpu1(void)
{
	leave_lazy();
}

PROGRAM(late_finish_of_table, 2, cpu0, cpu1);
