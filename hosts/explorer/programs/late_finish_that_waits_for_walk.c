// expect: fails 6
// SPDX-License-Identifier: MIT
// As late_finish_beside_walk, by a host that waits for walks where the finish ends: that may be on
// a CPU which holds a lock, and the CPU of the walk waits for the lock before it answers.
#include "program.h"

enum { LOCK };

static void
set_up(void)
{
	allow_late_finishes();
	mark_walks();
	name_word(&words[LOCK], "a lock");
	new_space(0);
	map(0, 0, PTE_WRITE | PTE_DIRTY);
	run_on(0, 0);
	run_on(1, 0);
	run_on(2, KERNEL);
}

static void
use_lock(void)
{
	while (salvo_atomic_exchange(&words[LOCK], 1) != 0)
		salvo_port_relax();
	salvo_atomic_store_release(&words[LOCK], 0);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 2, true);
}

static void
cpu2(void)
{
	irqs_off();
	software_walk(0, 0);
	use_lock();
	irqs_on();
}

PROGRAM(late_finish_that_waits_for_walk, 3, cpu0, use_lock, cpu2);
