// expect: safe
// SPDX-License-Identifier: MIT
// Two tables are freed, one after the other, by finishes that wait for nobody: whoever ends the
// first waits for a walk, serves, and takes the second over, which it ends afterwards.
#include "program.h"

static void
set_up(void)
{
	allow_late_finishes();
	mark_walks();
	new_space(0);
	run_on(0, KERNEL);
	run_on(1, 0);
	run_on(2, KERNEL);
}

static void
cpu0(void)
{
	unmap_later(0, 0, 2, true);
	unmap_later(0, 2, 4, true);
}

static void
cpu2(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM(late_finishes_beside_walk, 3, cpu0, NULL, cpu2);
