// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `latr`: two CPUs unmap a page each.
#include "latr_bodies.h"

static void
cpu0(void)
{
	take_away(0, 0, 1, false);
	end_with_ticks();
}

static void
cpu1(void)
{
	take_away(0, 1, 2, false);
	end_with_ticks();
}

PROGRAM_OF(latr_two_unmaps, 2, take_calls, cpu0, cpu1);
