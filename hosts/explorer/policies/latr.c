// SPDX-License-Identifier: MIT
/* latr.c: the simulator's, whose memory is a part of states here, with one state for each CPU. */
#define LATR_STATES  1
#define LATR_PERIODS 3

struct ring;
FIXED static struct ring *rings;

#include "../../simulator/policies/latr.c" // NOLINT(bugprone-suspicious-include)
