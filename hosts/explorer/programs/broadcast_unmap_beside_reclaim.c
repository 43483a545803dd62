// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `broadcast`: a page is unmapped while reclaim has had it flushed and does
// not know yet that it is: the unmap finds nothing, and returns. As linux_unmap_beside_reclaim.
#define POLICY policy_broadcast
#define CPUS   3
#include "simulated_bodies.h"

PROGRAM_OF(broadcast_unmap_beside_reclaim, 3, take_calls, unmap_first, reclaim_first, NULL);
