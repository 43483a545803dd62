// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `concurrent`: a page is unmapped while another CPU goes and comes back.
#define POLICY policy_concurrent
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(concurrent_unmap, 2, take_calls_keeping_off, unmap_first, come_and_go);
