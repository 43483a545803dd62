// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `latr`: a CPU unmaps one page and then another, with room for one state.
#include "latr_bodies.h"

static void
cpu0(void)
{
	take_away(0, 0, 1, false);
	take_tick();
	take_away(0, 1, 2, false);
	end_with_ticks();
}

PROGRAM_OF(latr_unmap_again, 2, take_calls, cpu0, come_and_go_until_tick);
