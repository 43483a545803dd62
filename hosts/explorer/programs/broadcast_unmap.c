// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `broadcast`: a page is unmapped while another CPU goes and comes back.
#define POLICY policy_broadcast
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(broadcast_unmap, 2, take_calls, unmap_first, come_and_go);
