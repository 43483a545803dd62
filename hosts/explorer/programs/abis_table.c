// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `abis`: a table is freed while another CPU goes lazy and comes back.
#define POLICY policy_abis
#define CPUS   2
#define NOTES_USERS
#include "simulated_bodies.h"

PROGRAM_OF(abis_table, 2, take_calls, unmap_table, lazy_and_back);
