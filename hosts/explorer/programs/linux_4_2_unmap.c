// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-4.2`: a page is unmapped while another CPU goes and comes back.
#define POLICY policy_linux_4_2
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_4_2_unmap, 2, take_calls, unmap_first, come_and_go);
