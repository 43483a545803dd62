// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux`: two CPUs unmap a page each, and call a third one in either order.
#define POLICY policy_linux
#define CPUS   3
#include "simulated_bodies.h"

PROGRAM_OF(linux_unmaps_beside_user, 3, take_calls, unmap_first, unmap_second, NULL);
