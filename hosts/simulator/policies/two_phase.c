// SPDX-License-Identifier: MIT
/*
 * two_phase.c: van Riel (2015): as `batch`, on hardware whose stores may pass through cached clean
 * entries: writable pages are write-protected and flushed before they are unmapped and flushed.
 */
#include "policy.h"

const struct policy policy_two_phase = {
	.name = "two-phase",
	.source = "van Riel 2015: write-protect, flush, unmap, flush",
	.clean_writes_pass = true,
	POLICY_OF_LIBRARY,
};
