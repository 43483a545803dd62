// expect: safe
// SPDX-License-Identifier: MIT
// A page is unmapped by a finish that waits for nobody, while another CPU may use it.
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

PROGRAM(late_finish_beside_user, 2, cpu0, NULL);
