// expect: safe
// SPDX-License-Identifier: MIT
// Accessed is cleared and flushed: the next access, which another CPU makes after that, sets it.
#include "program.h"

enum { TRACKED, LOADED }; /* of words[] */

static void
set_up(void)
{
	track_accessed_bits();
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_ACCESSED);
	run_on(0, 0);
	run_on(1, 0);
	name_word(&words[TRACKED], "tracked");
	name_word(&words[LOADED], "loaded");
}

static void
cpu0(void)
{
	track(0, 0, 1, SALVO_TRACK_ACCESSED);
	salvo_atomic_store_release(&words[TRACKED], 1);
	wait_until(&words[LOADED], 1);
	require(salvo_arch_pte_accessed(salvo_atomic_load(entry(0, 0))), "the access is seen");
}

static void
cpu1(void)
{
	wait_until(&words[TRACKED], 1);
	user_load(0);
	salvo_atomic_store_release(&words[LOADED], 1);
}

PROGRAM(track_accessed, 2, cpu0, cpu1);
