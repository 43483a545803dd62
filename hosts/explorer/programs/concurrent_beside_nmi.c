// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `concurrent`, where an NMI may touch user memory between the answer and
// the flush.
#define POLICY policy_concurrent
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(concurrent_beside_nmi, 2, take_calls, unmap_first, NULL);
