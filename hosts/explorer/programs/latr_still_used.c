// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `latr`: an unmap has returned, and another CPU uses the page until its
// tick. So it is meant.
#define POLICY policy_latr
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(latr_still_used, 2, take_calls, unmap_first, NULL);
