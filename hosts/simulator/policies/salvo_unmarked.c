// SPDX-License-Identifier: MIT
/*
 * salvo_unmarked.c: the policy `salvo` of a host that keeps no word for marks with its page tables: an
 * operation that finds its work done cannot tell where others have not flushed (src/mark.c).
 */
#include "policy.h"

const struct policy policy_salvo_unmarked = {
	.name = "salvo-unmarked",
	.source = "salvo where the host has no salvo_port_mark",
	.reclaim_groups = 8,
	.unmarked = true,
	POLICY_OF_LIBRARY,
};
