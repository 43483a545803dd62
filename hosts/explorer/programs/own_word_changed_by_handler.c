// expect: fails 0
// SPDX-License-Identifier: MIT
// A handler takes away what its CPU is about to look at.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
handler(void)
{
	if (salvo_atomic_load(&words[0]) == 1)
		user_access(false);
}

static void
cpu0(void)
{
	bool ok;
	salvo_atomic_store(&words[0], 1);
	ok = salvo_user_access_ok();
	salvo_atomic_store(&words[1], 1);
	require(ok, "still allowed");
}

static void
cpu1(void)
{
	raise_interrupt(0);
}

PROGRAM_OF(own_word_changed_by_handler, 2, handler, cpu0, cpu1);
