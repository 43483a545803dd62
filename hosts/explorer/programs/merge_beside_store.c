// expect: safe
// SPDX-License-Identifier: MIT
// Two pages that hold the same become one, read-only, while one of them is written to.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 1, 0);
	run_on(0, 0);
	run_on(1, 0);
}

/* next: the other page, if nobody has made them differ. */
static salvo_pte
next(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	salvo_pte kept = salvo_atomic_load(entry(0, 1));
	uintptr_t frame = salvo_arch_pte_frame(kept, 1);

	(void)address;
	(void)level;
	(void)context;
	if (page_content(salvo_arch_pte_frame(old, 1)) != page_content(frame))
		return old;
	frames[frame].mapped++;
	frames[frame].refs++;
	return kept;
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

PROGRAM(merge_beside_store, 2, cpu0, cpu1);
