// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-4.2`: a table is freed while another CPU goes lazy and comes back.
#define POLICY policy_linux_4_2
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_4_2_table, 2, take_calls, unmap_table, lazy_and_back);
