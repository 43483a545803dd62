// SPDX-License-Identifier: MIT
/* policies.c: those there are, in the order of their age. */
#include <string.h>

#include "policy.h"

extern const struct policy policy_page, policy_batch, policy_batch_pages, policy_two_phase,
	policy_linux_4_2, policy_linux_4_3, policy_linux_in_turn, policy_linux, policy_abis,
	policy_latr, policy_concurrent, policy_fpr, policy_broadcast, policy_salvo_unmarked,
	policy_salvo;

const struct policy *policy;

const struct policy *const policies[] = {&policy_page, &policy_batch, &policy_batch_pages,
	&policy_two_phase, &policy_linux_4_2, &policy_linux_4_3, &policy_linux_in_turn,
	&policy_linux, &policy_abis, &policy_latr, &policy_concurrent, &policy_fpr,
	&policy_broadcast, &policy_salvo_unmarked, &policy_salvo, NULL};

const struct policy *
policy_find(const char *name)
{
	for (unsigned i = 0; policies[i] != NULL; i++)
		if (strcmp(policies[i]->name, name) == 0)
			return policies[i];
	return NULL;
}
