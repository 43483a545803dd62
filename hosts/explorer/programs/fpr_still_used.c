// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `fpr`: an unmap has returned, and another CPU still uses the page, which
// stays with its space. So it is meant.
#define POLICY policy_fpr
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(fpr_still_used, 2, take_calls, unmap_first, NULL);
