// SPDX-License-Identifier: MIT
/* page.c: each page is flushed by itself, as Linux's reclaim did before 2015, with salvo's protocol. */
#include "policy.h"

const struct policy policy_page = {
	.name = "page",
	.source = "Linux before Gorman 2015: a flush for each page",
	.pages_a_flush = 1,
	POLICY_OF_LIBRARY,
};
