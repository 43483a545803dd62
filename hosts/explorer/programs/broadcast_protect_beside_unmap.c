// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `broadcast`: a page is unmapped, and two become read-only, of which that
// is one.
#define POLICY policy_broadcast
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(broadcast_protect_beside_unmap, 2, take_calls, unmap_first, protect_both);
