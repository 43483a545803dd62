// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-in-turn`: a table is freed while another CPU goes lazy and comes back.
#define POLICY policy_linux_in_turn
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_in_turn_table, 2, take_calls, unmap_table, lazy_and_back);
