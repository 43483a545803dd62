// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `concurrent`: two CPUs unmap a page each.
#define POLICY policy_concurrent
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(concurrent_two_unmaps, 2, take_calls_keeping_off, unmap_first, unmap_second);
