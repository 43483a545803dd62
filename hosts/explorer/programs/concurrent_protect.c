// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `concurrent`: a page becomes read-only while another CPU goes and comes
// back.
#define POLICY policy_concurrent
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(concurrent_protect, 2, take_calls_keeping_off, protect_first, come_and_go);
