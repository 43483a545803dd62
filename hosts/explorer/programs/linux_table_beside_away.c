// expect: fails 3
// SPDX-License-Identifier: MIT
// The simulator's policy `linux`: a table is freed while another CPU goes to another space. As in
// Linux 6.1 it leaves the mask before it loads the other root: nobody asks it, and its hardware may
// walk the table in between.
#define POLICY policy_linux
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(linux_table_beside_away, 2, take_calls, unmap_table, come_and_go);
