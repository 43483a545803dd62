// SPDX-License-Identifier: MIT
/* salvo.c: the library as it is best used: one flush an operation; reclaim flushes once a pass. */
#include "policy.h"

const struct policy policy_salvo = {
	.name = "salvo",
	.source = "this library: one flush an operation, one for several groups of reclaim",
	.reclaim_groups = 8,
	POLICY_OF_LIBRARY,
};
