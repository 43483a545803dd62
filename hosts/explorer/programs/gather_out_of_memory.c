// expect: safe
// SPDX-License-Identifier: MIT
// The gather's requests for memory fail or succeed, at each turn.
#include "program.h"

/* set_up: frames that do not follow each other: a run for each page. */
static void
set_up(void)
{
	offer_books();
	new_space(0);
	map(0, 1, PTE_WRITE);
	map(0, 0, PTE_WRITE);
	map(0, 3, PTE_WRITE);
	map(0, 2, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 4, true);
}

PROGRAM(gather_out_of_memory, 2, cpu0, NULL);
