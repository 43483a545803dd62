// expect: safe
// SPDX-License-Identifier: MIT
// A page is replaced while it is unmapped: one of the two pages goes, or both.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
}

static salvo_pte
next(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	(void)address;
	(void)level;
	(void)context;
	return copy_page(0, 0, old);
}

static void
cpu0(void)
{
	replace(0, 0, 1, next);
}

static void
cpu1(void)
{
	unmap(0, 0, 1, false);
}

PROGRAM(replace_beside_unmap, 2, cpu0, cpu1);
