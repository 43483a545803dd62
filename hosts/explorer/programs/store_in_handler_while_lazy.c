// expect: safe
// SPDX-License-Identifier: MIT
// A handler asks whether it may touch user memory while its CPU goes lazy, away and back,
// and the page is unmapped.
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
	go_lazy();
	leave_lazy();
	load_kernel();
	load(0);
}

static void
cpu1(void)
{
	raise_interrupt(0);
	unmap(0, 0, 1, false);
}

PROGRAM_OF(store_in_handler_while_lazy, 2, handler, cpu0, cpu1);
