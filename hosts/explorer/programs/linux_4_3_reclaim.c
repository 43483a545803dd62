// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `linux-4.3`: a page is reclaimed while another CPU goes and comes back.
#define POLICY policy_linux_4_3
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_4_3_reclaim, 2, take_calls, reclaim_first, come_and_go);
