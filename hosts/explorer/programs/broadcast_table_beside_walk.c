// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `broadcast`: a table is freed while software walks it with interrupts off:
// where tables go, CPUs are interrupted all the same. See software_walk_beside_broadcast.
#define POLICY policy_broadcast
#define CPUS   2
#include "simulated_bodies.h"

#include "program.h"

static void
walk(void)
{
	irqs_off();
	software_walk(0, 0);
	irqs_on();
}

PROGRAM_OF(broadcast_table_beside_walk, 2, take_calls, unmap_table, walk);
