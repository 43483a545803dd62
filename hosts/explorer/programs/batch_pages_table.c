// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `batch-pages`: a table is freed while another CPU goes lazy and comes back.
#define POLICY policy_batch_pages
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(batch_pages_table, 2, take_calls, unmap_table, lazy_and_back);
