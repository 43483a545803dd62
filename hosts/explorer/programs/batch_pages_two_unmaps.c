// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `batch-pages`: two CPUs unmap a page each.
#define POLICY policy_batch_pages
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(batch_pages_two_unmaps, 2, take_calls, unmap_first, unmap_second);
