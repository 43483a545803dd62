// SPDX-License-Identifier: MIT
/* broadcast.c: the simulator's, whose memory is a part of states here. */
struct space;
FIXED static struct space *(*slots)[6];
FIXED static uint64_t free_at; /* no time passes */
SIMULATED static unsigned next_slot[CLOCK_CPUS_MAX];

#include "../../simulator/policies/broadcast.c" // NOLINT(bugprone-suspicious-include)
