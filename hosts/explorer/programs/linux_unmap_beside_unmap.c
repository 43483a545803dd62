// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux`: two CPUs unmap the same page: who finds it gone may be the
// first to return.
#define POLICY policy_linux
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_unmap_beside_unmap, 2, take_calls, unmap_first, unmap_first);
