// expect: fails 1
// SPDX-License-Identifier: MIT
// The simulator's policy `abis`, where a CPU uses a page and is noted there a step later: whoever
// unmaps the page in between does not call it.
#define POLICY policy_abis
#define CPUS   2
#define NOTES_USERS
#include "simulated_bodies.h"

static void
cpu1(void)
{
	use_and_note(0);
}

PROGRAM_OF(abis_noted_late, 2, take_calls, unmap_first, cpu1);
