// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `abis`, where hardware fills a TLB and notes nobody at the page.
#define POLICY policy_abis
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(abis_without_notes, 2, take_calls, unmap_first, NULL);
