// expect: safe
// SPDX-License-Identifier: MIT
// A dirty page is written out while its entry is out for a moment, and set again as it was.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE | PTE_DIRTY);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, 0);
}

static salvo_pte
next(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	(void)address;
	(void)level;
	(void)context;
	return old;
}

static void
cpu0(void)
{
	replace(0, 0, 1, next);
}

static void
cpu1(void)
{
	clean();
	user_store(0, 7);
}

PROGRAM(clean_beside_replace, 2, cpu0, cpu1);
