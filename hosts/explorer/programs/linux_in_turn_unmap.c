// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-in-turn`: a page is unmapped while another CPU goes and comes
// back.
#define POLICY policy_linux_in_turn
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_in_turn_unmap, 2, take_calls, unmap_first, come_and_go);
