// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `batch-pages`: a page is unmapped while another CPU goes and comes back.
#define POLICY policy_batch_pages
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(batch_pages_unmap, 2, take_calls, unmap_first, come_and_go);
