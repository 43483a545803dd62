// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `abis`: a page becomes read-only while another CPU goes and comes back.
#define POLICY policy_abis
#define CPUS   2
#define NOTES_USERS
#include "simulated_bodies.h"

PROGRAM_OF(abis_protect, 2, take_calls, protect_first, use_and_go);
