// expect: safe
// SPDX-License-Identifier: MIT
// The simulator's policy `batch-pages`: a page becomes read-only while another CPU goes and comes
// back.
#define POLICY policy_batch_pages
#define CPUS   2
#include "simulated_bodies.h"

PROGRAM_OF(batch_pages_protect, 2, take_calls, protect_first, come_and_go);
