// SPDX-License-Identifier: MIT
/* replay_can.c: what a recording does not say, and so which policies it cannot drive. */
#include <string.h>

#include "policies/policy.h"
#include "replay.h"

/* Policies that go by what no event of Linux tells. */
static const struct {
	const char *name;
	const char *why_not;
} untold[] = {
	{"two-phase", "no event says which entries were writable"},
	{"abis", "no event says which CPU has used which page"},
	{"fpr", "no event says which frame a fault maps, or who had it in between"},
};

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

	for (size_t i = 0; i < sizeof untold / sizeof untold[0] && why_not == NULL; i++)
		if (strcmp(policy->name, untold[i].name) == 0)
			why_not = untold[i].why_not;
	if (why_not == NULL && strcmp(policy->name, "latr") == 0 && no_reasons(trace))
		why_not = "no system calls: nothing says which flushes may be put off";
	return why_not;
}
