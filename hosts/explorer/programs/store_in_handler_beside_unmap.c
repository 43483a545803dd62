// expect: safe
// SPDX-License-Identifier: MIT
// A handler writes to user memory while the CPU that it interrupted unmaps it.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map_file(0, 0, PTE_WRITE);
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
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	raise_interrupt(0);
}

PROGRAM_OF(store_in_handler_beside_unmap, 2, handler, cpu0, cpu1);
