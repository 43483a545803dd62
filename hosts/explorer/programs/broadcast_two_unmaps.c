// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `broadcast`: two CPUs unmap a page each.
#define POLICY policy_broadcast
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(broadcast_two_unmaps, 2, take_calls, unmap_first, unmap_second);
