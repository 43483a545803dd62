// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `fpr`: two CPUs unmap a page each, and either has both leave the space.
#define POLICY policy_fpr
#define CPUS   2
#include "simulated_bodies.h"

static void
cpu0(void)
{
	take_away(0, 0, 1, false);
}

static void
cpu1(void)
{
	take_away(0, 1, 2, false);
}

PROGRAM_OF(fpr_two_unmaps, 2, take_calls, cpu0, cpu1);
