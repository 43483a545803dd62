// SPDX-License-Identifier: MIT
/* replay.c: the command `replay`: options, and the policies in the order of what they cost. */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "choices.h"
#include "clock.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "replay.h"

enum { KEY_JSON = 256 };

static const struct argp_option known_options[] = {
	{"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
	{0},
};

struct replay_options {
	struct choices choices;
	const char *trace;
	bool json;
};

/* ---- Options ---- */

static error_t
parse_trace(struct replay_options *options, const char *text)
{
	if (options->trace != NULL) {
		error("one trace at a time, not '%s' too", text);
		return EXPLAINED;
	}
	options->trace = text;
	return 0;
}

static error_t
parse_option(int key, char *argument, struct argp_state *state)
{
	struct replay_options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->choices;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case ARGP_KEY_ARG:
		return parse_trace(options, argument);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* complete: what was not said. Reads the machine. */
static bool
complete(struct replay_options *options)
{
	if (options->trace == NULL) {
		error("which trace? ./dev replay TRACE.dat");
		return false;
	}
	if (options->choices.policy_count == 0)
		choices_all_policies(&options->choices);
	return choices_read_machine(&options->choices);
}

static bool
parse(int argc, char **argv, struct replay_options *options, int *status)
{
	static const struct argp_child children[] = {{&choices_argp, 0, NULL, 0}, {0}};
	static const struct argp parser = {known_options, parse_option, NULL,
		"Usage: ./dev replay [OPTION...] TRACE.dat\n\nWhat the flushes that trace-cmd "
		"recorded "
		"of a Linux kernel would have cost by other policies, on a simulated machine. The "
		"file may be compressed by xz. Cycles are those of all CPUs: asking, waiting, "
		"interrupts, flushes, refills. All policies unless some are named.\n",
		children, NULL, NULL};
	error_t parsed;

	choices_init(&options->choices, "single-socket");
	parsed = argp_parse(
		&parser, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT, NULL, options);
	if (!choices_end(&options->choices, parsed, status))
		return false;
	*status = STATUS_ERROR;
	return complete(options);
}

/* ---- Policies ---- */

/* by_cost: what cannot be told comes last. */
static int
by_cost(const void *a, const void *b)
{
	const struct replay_result *x = a, *y = b;

	if ((x->why_not != NULL) != (y->why_not != NULL))
		return x->why_not != NULL ? 1 : -1;
	return (x->spent > y->spent) - (x->spent < y->spent);
}

static bool
fits(const struct trace *trace, const char *path)
{
	const uint64_t most = CLOCK_NEVER / CLOCK_SECOND / 2;
	uint64_t seconds = (trace->events[trace->count - 1].time_ns - trace->events[0].time_ns) /
			   UINT64_C(1000000000);

	if (trace->cpus > machine.cpus)
		error("%s: %u CPUs were recorded, the machine has %u; --machine names a larger one",
			path, trace->cpus, machine.cpus);
	else if (seconds > most)
		error("%s: %ju s from the first event to the last, more than %ju: is it damaged?",
			path, (uintmax_t)seconds, (uintmax_t)most);
	else
		return true;
	return false;
}

static int
replay(const struct replay_options *options, const struct recording *recording)
{
	struct replay_result results[CHOICES_POLICIES_MAX];
	unsigned count = options->choices.policy_count;

	for (unsigned i = 0; i < count; i++) {
		const struct policy *chosen = options->choices.policies[i];

		results[i] = (struct replay_result){
			.policy = chosen, .why_not = replay_why_not(&recording->trace, chosen)};
		if (results[i].why_not != NULL)
			continue;
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r\033[K%s", chosen->name);
		replay_drive(recording, chosen, &results[i]);
	}
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
	qsort(results, count, sizeof results[0], by_cost);
	if (options->json)
		replay_print_json(options->trace, recording, results, count);
	else
		replay_print(options->trace, recording, results, count);
	return STATUS_OK;
}

int
command_replay(int argc, char **argv)
{
	struct replay_options options = {.json = false};
	struct recording recording;
	struct trace trace;
	int status;

	if (!parse(argc, argv, &options, &status))
		return status;
	trace_read(&trace, options.trace);
	if (trace.count == 0) {
		status = error("%s: %s", options.trace,
			trace.damage[0] != '\0' ? trace.damage
						: "holds no events that tell of flushes");
		trace_free(&trace);
		return status;
	}
	if (!recording_make(&recording, &trace))
		status = error("no memory for the events of %s", options.trace);
	else if (!fits(&trace, options.trace))
		status = STATUS_ERROR;
	else
		status = replay(&options, &recording);
	if (trace.damage[0] != '\0' && status == STATUS_OK)
		status = error("%s: %s; this is of the %zu events that could be read",
			options.trace, trace.damage, trace.count);
	recording_free(&recording);
	return status;
}
