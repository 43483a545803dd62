// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux`: a page is unmapped, and two become read-only, of which that is
// one.
#define POLICY policy_linux
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_protect_beside_unmap, 2, take_calls, unmap_first, protect_both);
