// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `linux`: a page is unmapped while reclaim has taken it and not flushed
// yet: the unmap finds nothing, and returns. Linux looks for that since 2017 (tlb_flush_batched);
// the policy does not.
#define POLICY policy_linux
#define CPUS   3
#include "simulated_bodies.h"

PROGRAM_OF(linux_unmap_beside_reclaim, 3, take_calls, unmap_first, reclaim_first, NULL);
