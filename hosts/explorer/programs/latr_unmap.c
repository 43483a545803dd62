// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `latr`: a page is unmapped while another CPU goes and comes back: it is
// freed at a tick, when no TLB has it.
#include "latr_bodies.h"

static void
cpu0(void)
{
	take_away(0, 0, 1, false);
	take_tick();
	end_with_ticks();
}

PROGRAM_OF(latr_unmap, 2, take_calls, cpu0, come_and_go_until_tick);
