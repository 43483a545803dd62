// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `fpr`: two pages leave their space, after one flush, while another CPU
// goes and comes back.
#define POLICY policy_fpr
#define CPUS   2
#include "simulated_bodies.h"

static void
cpu0(void)
{
	take_away(0, 0, 1, false);
	take_away(0, 1, 2, false);
}

PROGRAM_OF(fpr_unmap, 2, take_calls, cpu0, come_and_go);
