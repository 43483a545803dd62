// SPDX-License-Identifier: MIT
/* fpr.c: the simulator's, whose memory is a part of states here, with one page kept by a space. */
#define FPR_SPACES 2
#define FPR_KEPT   1

struct pool;
FIXED static struct pool *pools;

#include "../../simulator/policies/fpr.c" // NOLINT(bugprone-suspicious-include)
