// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `concurrent`: two CPUs unmap the same page: who finds it gone may be the
// first to return.
#define POLICY policy_concurrent
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(concurrent_unmap_beside_unmap, 2, take_calls_keeping_off, unmap_first, unmap_first);
