// SPDX-License-Identifier: MIT
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "reduce.h"
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

	if (outcome->signal == SIGXCPU)
		snprintf(text, size, "does not end");
	else if (outcome->signal != 0 || result->crashed)
		snprintf(text, size, "crashes");
	else if (result->failed)
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

enum { PROGRESS_WIDTH = 400 };

/* put_search: a search that runs, in so many letters; returns how many there would be. */
static int
put_search(char *text, size_t size, const struct outcome *outcome)
{
	const struct search_progress *progress = &outcome->progress;

	return snprintf(text, size, "; %s %s %zu states %.0f/s depth %zu frontier %zu %zu MiB",
		outcome->listing->program->name, outcome->tso ? "tso" : "sc", progress->states,
		progress->seconds > 0 ? (double)progress->states / progress->seconds : 0,
		progress->depth, progress->frontier, progress->bytes >> 20);
}

/* progress_show: a line on standard error, where somebody sees it. */
void
progress_show(const struct outcome *outcomes, size_t count)
{
	struct winsize window = {.ws_col = 80};
	char text[PROGRESS_WIDTH];
	size_t ended = 0, length;

	if (!isatty(STDERR_FILENO))
		return;
	ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
	for (size_t i = 0; i < count; i++)
		ended += outcomes[i].ended;
	length = (size_t)snprintf(text, sizeof text, "%zu of %zu", ended, count);
	for (size_t i = 0; i < count && length < sizeof text; i++)
		if (outcomes[i].pid != 0)
			length += (size_t)put_search(
				text + length, sizeof text - length, &outcomes[i]);
	fprintf(stderr, "\r\033[K%.*s", window.ws_col > 1 ? window.ws_col - 1 : 79, text);
}

void
progress_hide(void)
{
	if (isatty(STDERR_FILENO))
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

static const char *
models_text(const struct explore_options *options)
{
	if (options->sc && options->tso)
		return "sc and tso";
	return options->sc ? "sc" : "tso";
}

/* report_begin: the configuration, and the head of the table. */
void
report_begin(const struct explore_options *options, const struct outcome *outcomes, size_t count)
{
	const size_t named = count / (options->sc && options->tso ? 2 : 1);
	unsigned cpus = 0;

	for (size_t i = 0; i < count; i++)
		if (outcomes[i].listing->program->cpus > cpus)
			cpus = outcomes[i].listing->program->cpus;
	printf("salvo explore: %zu program%s of up to %u CPUs, memory %s, counters of %d bits, %s; "
	       "at most %zu states and %zu MiB each, %u at once\n",
		named, named == 1 ? "" : "s", cpus, models_text(options), SALVO_COUNTER_BITS,
		reducing ? "reduced" : "no order left out", options->bounds.states,
		options->bounds.bytes >> 20, options->jobs);
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
		printf("as expected: %s%zu search%s\n", count == 1 ? "" : "all of ", count,
			count == 1 ? "" : "es");
	else
		printf("NOT as expected: %zu of %zu search%s\n", count - good, count,
			count == 1 ? "" : "es");
}

/* ---- JSON ---- */

static json_t *
json_outcome(const struct outcome *outcome)
{
	const struct result *result = &outcome->result;
	char verdict[40];

	verdict_text(verdict, sizeof verdict, outcome);
	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:I,s:I,s:I,s:I,s:f,s:f,s:b}", "name",
		outcome->listing->program->name, "memory", outcome->tso ? "tso" : "sc", "expected",
		outcome->listing->expect, "verdict", verdict, "oracle",
		result->failed ? json_integer(result->oracle) : json_null(), "states",
		(json_int_t)result->states, "transitions", (json_int_t)result->transitions, "ends",
		(json_int_t)result->ends, "steps", (json_int_t)result->steps, "states_per_s",
		states_per_second(result), "bytes_per_state", bytes_per_state(result), "complete",
		result->complete && !result->failed);
}

void
report_json(const struct outcome *outcomes, size_t count)
{
	json_t *list = json_array();
	json_t *object = json_pack("{s:o}", "programs", list);

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list, json_outcome(&outcomes[i]));
	json_dumpf(object, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	putchar('\n');
	json_decref(object);
}
