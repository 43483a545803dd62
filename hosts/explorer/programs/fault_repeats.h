/* SPDX-License-Identifier: MIT */
/*
 * fault_repeats.h: for the programs fault_repeats_*: a page becomes writable beside a CPU that
 * stores to it, where a fault does not make that CPU forget the old entry.
 */
#include "program.h"

enum { GROWN };

static void fault(void);

static void
set_up(void)
{
	faults_repeat();
	new_space(0);
	map(0, 0, 0);
	run_on(0, KERNEL);
	run_on(1, 0);
	name_word(&words[GROWN], "grown");
}

static void
cpu0(void)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &spaces[0], PAGE(0), PAGE(1));
	salvo_protect(&gather, PAGE(0), PAGE(1), SALVO_WRITE);
	salvo_gather_finish(&gather);
	salvo_atomic_store_release(&words[GROWN], 1);
}

static void
cpu1(void)
{
	while (!user_store(0, 7)) {
		wait_until(&words[GROWN], 1);
		fault();
	}
}
