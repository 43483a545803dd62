// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-4.2`: two CPUs unmap the same page: who finds it gone returns
// before it is flushed. So Linux did until 4.14.
#define POLICY policy_linux_4_2
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_4_2_unmap_beside_unmap, 2, take_calls, unmap_first, unmap_first);
