// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "report.h"

/* ---- Verdicts ---- */

/* expected_preemptions: the bound that a program is to be explored under; UNBOUNDED for most. */
int
expected_preemptions(const struct listing *listing)
{
	int bound;

	return sscanf(listing->expect, "safe up to %d", &bound) == 1 ? bound : UNBOUNDED;
}

void
verdict_text(char *text, size_t size, const struct outcome *outcome)
{
	const struct result *result = &outcome->result;

	if (result->failed)
		snprintf(text, size, "fails %d", result->oracle);
	else if (!result->complete)
		snprintf(text, size, "not exhausted");
	else if (outcome->preemptions != UNBOUNDED)
		snprintf(text, size, "safe up to %d preemptions", outcome->preemptions);
	else
		snprintf(text, size, "safe");
}

/* is_long: run only if it is asked for. */
bool
is_long(const struct listing *listing)
{
	return strstr(listing->expect, ", long") != NULL;
}

/* as_expected: to be safe without a bound is as good as safe up to one. */
bool
as_expected(const struct outcome *outcome)
{
	const char *expect = outcome->listing->expect;
	char text[40];

	verdict_text(text, sizeof text, outcome);
	if (strcmp(text, "not exhausted") == 0)
		return strstr(expect, ", not exhausted") != NULL;
	return (strncmp(text, expect, strlen(text)) == 0 && strcspn(expect, ",") == strlen(text)) ||
	       (strcmp(text, "safe") == 0 && expected_preemptions(outcome->listing) != UNBOUNDED);
}

static double
bytes_per_state(const struct result *result)
{
	return result->states == 0 ? 0 : (double)result->bytes / (double)result->states;
}

static double
states_per_second(const struct result *result)
{
	return result->seconds > 0 ? (double)result->states / result->seconds : 0;
}

/* ---- Progress ---- */

static const struct outcome *in_progress;

static void
print_progress(const struct search_progress *progress)
{
	fprintf(stderr, "\r%s %s: %zu states, %.0f/s, depth %zu, frontier %zu, %zu MiB  ",
		in_progress->listing->program->name, in_progress->tso ? "tso" : "sc",
		progress->states, (double)progress->states / progress->seconds, progress->depth,
		progress->frontier, progress->bytes >> 20);
}

void
progress_begin(const struct outcome *outcome)
{
	in_progress = outcome;
	search_report = isatty(STDERR_FILENO) ? print_progress : NULL;
}

void
progress_end(void)
{
	if (search_report != NULL)
		fputs("\r\033[K", stderr);
}

/* ---- Table ---- */

void
report_list(void)
{
	for (const struct listing *l = programs; l->program != NULL; l++)
		printf("%-32s %u CPUs  expect: %s\n", l->program->name, l->program->cpus,
			l->expect);
}

void
report_begin(const struct explore_options *options)
{
	printf("salvo explore: memory %s, counters of %d bits, at most %zu states, %zu MiB\n",
		options->sc && options->tso ? "sc and tso"
		: options->sc               ? "sc"
					    : "tso",
		SALVO_COUNTER_BITS, options->bounds.states, options->bounds.bytes >> 20);
	printf("%-32s %-6s %-26s %12s %12s %6s %9s %8s\n", "program", "memory", "verdict", "states",
		"transitions", "depth", "states/s", "B/state");
	fflush(stdout);
}

void
report_outcome(const struct outcome *outcome)
{
	const struct result *result = &outcome->result;
	char verdict[40];

	verdict_text(verdict, sizeof verdict, outcome);
	printf("%-32s %-6s %-26s %12zu %12zu %6zu %9.0f %8.1f%s%s\n",
		outcome->listing->program->name, outcome->tso ? "tso" : "sc", verdict,
		result->states, result->transitions, result->depth, states_per_second(result),
		bytes_per_state(result), as_expected(outcome) ? "" : "  EXPECTED: ",
		as_expected(outcome) ? "" : outcome->listing->expect);
	fflush(stdout);
}

void
report_verdict(const struct outcome *outcomes, size_t count)
{
	size_t good = 0;

	for (size_t i = 0; i < count; i++)
		good += as_expected(&outcomes[i]);
	if (good == count)
		printf("as expected: all of %zu searches\n", count);
	else
		printf("NOT as expected: %zu of %zu searches\n", count - good, count);
}

/* ---- JSON ---- */

void
report_json(const struct outcome *outcomes, size_t count)
{
	json_t *list = json_array();
	json_t *object = json_pack("{s:o}", "programs", list);

	for (size_t i = 0; i < count; i++) {
		const struct result *result = &outcomes[i].result;
		char verdict[40];

		verdict_text(verdict, sizeof verdict, &outcomes[i]);
		json_array_append_new(list,
			json_pack("{s:s,s:s,s:s,s:s,s:i,s:I,s:I,s:I,s:f,s:f,s:b}", "name",
				outcomes[i].listing->program->name, "memory",
				outcomes[i].tso ? "tso" : "sc", "expected",
				outcomes[i].listing->expect, "verdict", verdict, "oracle",
				result->oracle, "states", (json_int_t)result->states, "transitions",
				(json_int_t)result->transitions, "steps", (json_int_t)result->steps,
				"states_per_s", states_per_second(result), "bytes_per_state",
				bytes_per_state(result), "complete", result->complete));
	}
	json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(object);
}
