// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `latr`: a table is freed while another CPU goes lazy and comes back.
#define POLICY policy_latr
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(latr_table, 2, take_calls, unmap_table, lazy_and_back);
