// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `concurrent`: a table is freed while another CPU goes lazy and comes back.
#define POLICY policy_concurrent
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(concurrent_table, 2, take_calls_keeping_off, unmap_table, lazy_and_back);
