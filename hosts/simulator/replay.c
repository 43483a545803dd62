// SPDX-License-Identifier: MIT
/* replay.c: the command `replay`: options, and the policies in the order of what they cost. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "replay.h"

enum { KEY_MACHINE = 256, KEY_SET, KEY_POLICY, KEY_JSON, KEY_HELP };
enum { POLICIES_MAX = 32, SETS_MAX = 64, PATH_BYTES = 4096 };

static const struct argp_option known_options[] = {
	{"machine", KEY_MACHINE, "FILE", 0, "a machine file, or the name of one that is shipped",
		0},
	{"set", KEY_SET, "SECTION.KEY=VALUE", 0, "another value than the machine file's", 0},
	{"policy", KEY_POLICY, "NAME[,NAME...]", 0, "how flushes are made; all unless given", 0},
	{"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
	{"help", KEY_HELP, NULL, 0, "print this", 0},
	{0},
};

/* What a parser returns once it has said what is wrong. */
enum { EXPLAINED = ERANGE };

struct replay_options {
	char machine_path[PATH_BYTES];
	const char *sets[SETS_MAX];
	unsigned set_count;
	const struct policy *policies[POLICIES_MAX];
	unsigned policy_count;
	const char *trace;
	const char *stopped_at; /* the argument that argp could not make sense of */
	bool json, helped;
};

/* ---- Options ---- */

static error_t
parse_machine(struct replay_options *options, const char *text)
{
	if (strpbrk(text, "/.") != NULL)
		snprintf(options->machine_path, PATH_BYTES, "%s", text);
	else
		snprintf(options->machine_path, PATH_BYTES, SIMULATOR_MACHINES "/%s.ini", text);
	return 0;
}

static error_t
add_policy(struct replay_options *options, const struct policy *policy)
{
	for (unsigned i = 0; i < options->policy_count; i++)
		if (options->policies[i] == policy)
			return 0;
	if (options->policy_count < POLICIES_MAX)
		options->policies[options->policy_count++] = policy;
	return 0;
}

/* parse_policies: names between commas. */
static error_t
parse_policies(struct replay_options *options, const char *text)
{
	char *copy = strdup(text), *rest = copy, *name;
	error_t result = copy == NULL ? ENOMEM : 0;

	while (result == 0 && (name = strsep(&rest, ",")) != NULL) {
		const struct policy *found = policy_find(name);

		if (found == NULL) {
			error("unknown policy '%s'; './dev simulate --list' names them", name);
			result = EXPLAINED;
		} else {
			result = add_policy(options, found);
		}
	}
	free(copy);
	return result;
}

static error_t
parse_set(struct replay_options *options, const char *text)
{
	if (options->set_count == SETS_MAX) {
		error("--set can be given %d times", SETS_MAX);
		return EXPLAINED;
	}
	options->sets[options->set_count++] = text;
	return 0;
}

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
	case KEY_MACHINE:
		return parse_machine(options, argument);
	case KEY_SET:
		return parse_set(options, argument);
	case KEY_POLICY:
		return parse_policies(options, argument);
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_HELP:
		argp_help(state->root_argp, stdout, ARGP_HELP_LONG | ARGP_HELP_PRE_DOC, "");
		options->helped = true;
		return EXPLAINED;
	case ARGP_KEY_ARG:
		return parse_trace(options, argument);
	case ARGP_KEY_ERROR:
		options->stopped_at = state->argv[state->next - 1];
		return 0;
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
	if (options->policy_count == 0)
		for (unsigned i = 0; policies[i] != NULL; i++)
			add_policy(options, policies[i]);
	if (!machine_read(options->machine_path))
		return false;
	for (unsigned i = 0; i < options->set_count; i++)
		if (!machine_set(options->sets[i]))
			return false;
	return true;
}

static bool
parse(int argc, char **argv, struct replay_options *options, int *status)
{
	static const struct argp parser = {known_options, parse_option, NULL,
		"Usage: ./dev replay [OPTION...] TRACE.dat\n\nWhat the flushes that trace-cmd "
		"recorded "
		"of a Linux kernel would have cost by other policies, on a simulated machine. The "
		"file may be compressed by xz. Cycles are those of all CPUs: asking, waiting, "
		"interrupts, flushes, refills.\n",
		NULL, NULL, NULL};

	parse_machine(options, "single-socket");
	*status = STATUS_ERROR;
	switch (argp_parse(
		&parser, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT, NULL, options)) {
	case 0:
		return complete(options);
	case EXPLAINED:
		*status = options->helped ? STATUS_OK : STATUS_ERROR;
		return false;
	default:
		error("unknown or incomplete option '%s'; --help names them", options->stopped_at);
		return false;
	}
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
	struct replay_result results[POLICIES_MAX];

	for (unsigned i = 0; i < options->policy_count; i++) {
		const struct policy *chosen = options->policies[i];

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
	qsort(results, options->policy_count, sizeof results[0], by_cost);
	if (options->json)
		replay_print_json(options->trace, recording, results, options->policy_count);
	else
		replay_print(options->trace, recording, results, options->policy_count);
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
