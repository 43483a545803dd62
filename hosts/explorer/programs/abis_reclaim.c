// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `abis`: a page is reclaimed while another CPU goes and comes back.
#define POLICY policy_abis
#define CPUS   2
#define NOTES_USERS
#include "simulated_bodies.h"

PROGRAM_OF(abis_reclaim, 2, take_calls, reclaim_first, use_and_go);
