// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "policies/policy.h"
#include "replay.h"

static double
seconds_of(const struct trace *trace)
{
	return trace->count == 0 ? 0
				 : (double)(trace->events[trace->count - 1].time_ns -
					    trace->events[0].time_ns) /
					   1e9;
}

static uint64_t
cycles(uint64_t time)
{
	return time / machine.cycle;
}

/* foretold: the result of policy `linux`; NULL: it was not asked for, or cannot be had. */
static const struct replay_result *
foretold(const struct replay_result *results, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(results[i].policy->name, "linux") == 0)
			return results[i].why_not == NULL ? &results[i] : NULL;
	return NULL;
}

/* ---- Text ---- */

static void
print_recorded(const char *path, const struct recording *recording)
{
	const struct trace *trace = &recording->trace;
	struct recording_check check = recording_check(recording);

	printf("%s: %zu events of %u CPUs in %.3f s\n", path, trace->count, trace->cpus,
		seconds_of(trace));
	if (trace->lost != 0)
		printf("the recorder has dropped events %" PRIu64 " times: figures are too low\n",
			trace->lost);
	printf("recorded: %zu interrupts in %zu rounds; %zu requests, %zu pages unmapped by "
	       "reclaim\n",
		trace->of_kind[TRACE_INTERRUPT], trace->of_kind[TRACE_ROUND],
		trace->of_kind[TRACE_REQUEST], trace->of_kind[TRACE_UNMAP]);
	if (check.masks != 0)
		printf("recorded: %zu sets of CPUs to be flushed, %zu of them as switches tell\n",
			check.masks, check.same);
}

static void
print_check(const struct trace *trace, const struct replay_result *linux_result)
{
	double recorded = (double)trace->of_kind[TRACE_INTERRUPT];

	printf("foretold: %" PRIu64 " interrupts by policy linux", linux_result->interrupts);
	if (recorded > 0)
		printf(", %+.1f %%", 100 * ((double)linux_result->interrupts / recorded - 1));
	printf("\n");
}

void
replay_print(const char *path, const struct recording *recording,
	const struct replay_result *results, unsigned count)
{
	const struct replay_result *linux_result = foretold(results, count);

	print_recorded(path, recording);
	if (linux_result != NULL)
		print_check(&recording->trace, linux_result);
	printf("on: %s\n\n%-12s %12s %14s %14s\n", machine.name, "policy", "interrupts", "cycles",
		"of them wait");
	for (unsigned i = 0; i < count; i++)
		if (results[i].why_not != NULL)
			printf("%-12s not from this trace: %s\n", results[i].policy->name,
				results[i].why_not);
		else
			printf("%-12s %12" PRIu64 " %14" PRIu64 " %14" PRIu64 "\n",
				results[i].policy->name, results[i].interrupts,
				cycles(results[i].spent), cycles(results[i].waited));
	printf("cheapest first, by cycles\n");
	for (unsigned i = 0; i < count; i++)
		if (results[i].why_not == NULL && replay_note(results[i].policy) != NULL)
			printf("%s: %s\n", results[i].policy->name, replay_note(results[i].policy));
}

/* ---- JSON ---- */

static json_t *
json_result(const struct replay_result *result)
{
	if (result->why_not != NULL)
		return json_pack("{s:s, s:s, s:n, s:n, s:n, s:s}", "name", result->policy->name,
			"source", result->policy->source, "interrupts", "cycles", "wait_cycles",
			"not_from_this_trace", result->why_not);
	return json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", result->policy->name, "source",
		result->policy->source, "interrupts", (json_int_t)result->interrupts, "cycles",
		(json_int_t)cycles(result->spent), "wait_cycles",
		(json_int_t)cycles(result->waited));
}

void
replay_print_json(const char *path, const struct recording *recording,
	const struct replay_result *results, unsigned count)
{
	const struct trace *trace = &recording->trace;
	struct recording_check check = recording_check(recording);
	json_t *list = json_array();
	json_t *root = json_pack("{s:s, s:s, s:s?, s:I, s:I, s:i, s:f, s:I, s:I, s:I, s:I, s:o}",
		"trace", path, "machine", machine.name, "damage",
		trace->damage[0] != '\0' ? trace->damage : NULL, "dropped", (json_int_t)trace->lost,
		"events", (json_int_t)trace->count, "cpus", (int)trace->cpus, "seconds",
		seconds_of(trace), "recorded_interrupts",
		(json_int_t)trace->of_kind[TRACE_INTERRUPT], "recorded_rounds",
		(json_int_t)trace->of_kind[TRACE_ROUND], "recorded_sets", (json_int_t)check.masks,
		"sets_as_told", (json_int_t)check.same, "policies", list);

	for (unsigned i = 0; i < count; i++)
		json_array_append_new(list, json_result(&results[i]));
	json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(root);
}
