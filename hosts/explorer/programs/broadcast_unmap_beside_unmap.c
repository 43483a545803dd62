// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `broadcast`: two CPUs unmap the same page: who finds it gone may be the
// first to return.
#define POLICY policy_broadcast
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(broadcast_unmap_beside_unmap, 2, take_calls, unmap_first, unmap_first);
