// expect: safe
// SPDX-License-Identifier: MIT
// A handler writes to user memory while the CPU that it interrupted reclaims it in two phases.
#include "program.h"

static void
set_up(void)
{
	clean_writes_pass();
	new_space(0);
	map_file(0, 0, PTE_WRITE);
	hold(0, 0);
	run_on(0, 0);
	run_on(1, KERNEL);
}

static void
handler(void)
{
	salvo_interrupt();
	if (salvo_user_access_ok())
		user_store(0, 7);
}

static void
cpu0(void)
{
	reclaim();
}

static void
cpu1(void)
{
	raise_interrupt(0);
}

PROGRAM_OF(store_in_handler_beside_reclaim, 2, handler, cpu0, cpu1);
