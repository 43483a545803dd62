// expect: safe
// Two unmaps of one space, one of which frees a table; a third CPU is lazy, and away, and back.
#include "program.h"

static void
set_up(void)
{
	new_space(0);
	map(0, 0, PTE_WRITE);
	map(0, 2, PTE_WRITE);
	run_on(0, 0);
	run_on(1, 0);
	run_on(2, 0);
}

static void
cpu0(void)
{
	unmap(0, 0, 1, false);
}

static void
cpu1(void)
{
	unmap(0, 2, 4, true);
}

static void
cpu2(void)
{
	go_lazy();
	leave_lazy();
	load_kernel();
	load(0);
}

PROGRAM(ticket, 3, cpu0, cpu1, cpu2);
