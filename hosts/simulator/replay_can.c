// SPDX-License-Identifier: MIT
/* replay_can.c: what a recording does not say, and so which policies it cannot drive. */
#include <string.h>

#include "policies/policy.h"
#include "replay.h"

/* untold: what the policy goes by and no event of Linux tells; NULL: nothing. */
static const char *
untold(const struct policy *policy)
{
	if (policy->clean_writes_pass)
		return "no event says which entries were writable";
	if (policy->unmarked)
		return "no event says what page tables hold, marks neither";
	if (policy->recycle != NULL)
		return "no event says which frame a fault maps, or who had it in between";
	if (strcmp(policy->name, "abis") == 0)
		return "no event says which CPU has used which page";
	return NULL;
}

/* no_spaces: what nothing can be said of flushes without. */
static const char *
no_spaces(const struct trace *trace)
{
	if (trace->of_kind[TRACE_SWITCH] == 0 || trace->of_kind[TRACE_LAZY] == 0)
		return "no probes `switchmm` and `lazy`: nothing says which CPU is in which space";
	if (trace->of_kind[TRACE_REQUEST] == 0)
		return "no probe `mmrange`: nothing says what is to be flushed";
	if (trace->of_kind[TRACE_UNMAP] == 0 &&
		(trace->of_kind[TRACE_RECLAIM_END] != 0 || trace->of_kind[TRACE_BATCH] != 0))
		return "no probe `unmapone`: nothing says which pages reclaim unmaps";
	return NULL;
}

/* no_reasons: of more than one request in 20 nothing says why it was made. */
static bool
no_reasons(const struct trace *trace)
{
	size_t unknown = 0;

	if (trace->of_kind[TRACE_MUNMAP] + trace->of_kind[TRACE_MADVISE] +
			trace->of_kind[TRACE_PROTECT] !=
		0)
		return false;
	for (size_t i = 0; i < trace->count; i++)
		unknown += trace->events[i].kind == TRACE_REQUEST &&
			   trace->events[i].cause == CAUSE_UNKNOWN;
	return unknown * 20 > trace->of_kind[TRACE_REQUEST];
}

const char *
replay_why_not(const struct trace *trace, const struct policy *policy)
{
	const char *why_not = no_spaces(trace);

	if (why_not == NULL)
		why_not = untold(policy);
	if (why_not == NULL && strcmp(policy->name, "latr") == 0 && no_reasons(trace))
		why_not = "no system calls: nothing says which flushes may be put off";
	return why_not;
}
