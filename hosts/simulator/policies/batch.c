// SPDX-License-Identifier: MIT
/*
 * batch.c: Gorman, "TLB flush multiple pages per IPI" (2015): reclaim unmaps a group of pages, 32 in
 * the source, and then interrupts each CPU once, which flushes all it has; with salvo's protocol, which
 * also leaves CPUs alone that the source interrupts: lazy ones, and those that have flushed since.
 */
#include "policy.h"

const struct policy policy_batch = {
	.name = "batch",
	.source = "Gorman 2015: one flush for each group of pages that reclaim unmaps",
	POLICY_OF_LIBRARY,
};
