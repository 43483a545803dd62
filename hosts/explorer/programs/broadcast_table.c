// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `broadcast`: a table is freed while another CPU goes and comes back.
#define POLICY policy_broadcast
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(broadcast_table, 2, take_calls, unmap_table, come_and_go);
