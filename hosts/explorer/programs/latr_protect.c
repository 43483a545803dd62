// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `latr`: a page becomes read-only while another CPU goes and comes back.
#define POLICY policy_latr
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(latr_protect, 2, take_calls, protect_first, come_and_go);
