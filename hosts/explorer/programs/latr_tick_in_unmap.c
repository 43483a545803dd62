// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `latr`: ticks come at any moment of an unmap.
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
	raise_interrupt(0);
	raise_interrupt(1);
	end_with_ticks();
}

PROGRAM_OF(latr_tick_in_unmap, 2, take_calls_at_tick, cpu0, cpu1);
