// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `abis`: two CPUs unmap a page each.
#define POLICY policy_abis
#define CPUS   2
#define NOTES_USERS
#include "simulated_bodies.h"

PROGRAM_OF(abis_two_unmaps, 2, take_calls, unmap_first, unmap_second);
