// expect: fails 0
// SPDX-License-Identifier: MIT
// A TLB may hold more entries for a page than the explorer tries: it says so.
#include "program.h"

enum { FRAMES = 5, KINDS = 4 };

FIXED static struct salvo_word *changed;
FIXED static uintptr_t entries[FRAMES];

static void
set_up(void)
{
	new_space(0);
	new_space(1);
	for (unsigned i = 0; i < 4; i++) {
		map(1, i, PTE_WRITE);
		entries[i] = entry(1, i)->value;
	}
	map(0, 1, PTE_WRITE);
	entries[4] = entry(0, 1)->value;
	changed = entry(0, 0);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
cpu0(void)
{
	static const unsigned kinds[KINDS] = {PTE_PRESENT, PTE_PRESENT | PTE_WRITE,
		PTE_PRESENT | PTE_DIRTY, PTE_PRESENT | PTE_WRITE | PTE_DIRTY};

	for (unsigned i = 0; i < FRAMES; i++)
		for (unsigned k = 0; k < KINDS; k++)
			salvo_atomic_exchange(changed, (entries[i] & ~(uintptr_t)63) | kinds[k]);
	user_load(0);
	salvo_atomic_exchange(changed, 0);
}

PROGRAM(more_ways_than_tried, 2, cpu0, NULL);
