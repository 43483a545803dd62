// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-4.3`: a page is unmapped while a batch of reclaim has taken it
// and not flushed yet: what Linux did from 4.3 to 4.12. As batch_of_2015_beside_unmap.
#define POLICY policy_linux_4_3
#define CPUS   3
#include "simulated_bodies.h"

PROGRAM_OF(linux_4_3_unmap_beside_reclaim, 3, take_calls, unmap_first, reclaim_first, NULL);
