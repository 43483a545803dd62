// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `fpr`: a table is freed while another CPU goes lazy and comes back.
#define POLICY policy_fpr
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(fpr_table, 2, take_calls, unmap_table, lazy_and_back);
