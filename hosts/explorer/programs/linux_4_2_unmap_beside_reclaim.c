// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-4.2`: a page is unmapped while reclaim takes it, which flushes
// before it drops the table's lock.
#define POLICY policy_linux_4_2
#define CPUS   3
#include "simulated_bodies.h"

PROGRAM_OF(linux_4_2_unmap_beside_reclaim, 3, take_calls, unmap_first, reclaim_first, NULL);
