// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux`: two CPUs unmap a page each.
#define POLICY policy_linux
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_two_unmaps, 2, take_calls, unmap_first, unmap_second);
