// expect: safe
// SPDX-License-Identifier: MIT
// A page is copied and replaced while it is written to: what was stored is read back.
#include "program.h"

static void
set_up(void)
{
	need_break_before_make();
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
	intptr_t value;

	if (!user_store(0, 7))
		return;
	value = user_load(0);
	require(value == 7 || value == -1, "a write is read back, or the load faults");
}

PROGRAM(migrate_beside_store, 2, cpu0, cpu1);
