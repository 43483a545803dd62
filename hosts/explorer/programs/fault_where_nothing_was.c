// expect: safe
// SPDX-License-Identifier: MIT
// A page is mapped where a TLB may hold that nothing is there: who faults for that says so, and
// gets on.
#include "program.h"

enum { MAPPED };

static void
set_up(void)
{
	faults_repeat();
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, 0);
	name_word(&words[MAPPED], "mapped");
}

static void
cpu0(void)
{
	map(0, 0, PTE_WRITE);
	salvo_atomic_store_release(&words[MAPPED], 1);
}

static void
cpu1(void)
{
	while (!user_store(0, 7)) {
		wait_until(&words[MAPPED], 1);
		salvo_spurious_fault(PAGE(0));
	}
}

PROGRAM(fault_where_nothing_was, 2, cpu0, cpu1);
