// SPDX-License-Identifier: MIT
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "options.h"

enum {
	KEY_WORKLOAD = 256,
	KEY_CPUS,
	KEY_MEMORY,
	KEY_POLICY,
	KEY_READERS,
	KEY_DIRTY,
	KEY_FILE,
	KEY_CHECKS,
	KEY_WITHOUT,
	KEY_LIST_STEPS,
	KEY_JSON,
	KEY_SILENCE,
	KEY_HELP,
};

/* What a parser returns once it has said what is wrong; argp itself fails with EINVAL and silently.
 */
enum { EXPLAINED = ERANGE };

/* `dev` knows these names too: it checks them before there is a compiler. */
static const struct argp_option known_options[] = {
	{"file", KEY_FILE, "PATH", 0, NULL, 0},
	{"workload", KEY_WORKLOAD, "NAME", 0, NULL, 0},
	{"cpus", KEY_CPUS, "N", 0, NULL, 0},
	{"memory", KEY_MEMORY, "MIB", 0, NULL, 0},
	{"policy", KEY_POLICY, "NAME", 0, NULL, 0},
	{"readers", KEY_READERS, "KIND", 0, NULL, 0},
	{"dirty", KEY_DIRTY, NULL, 0, NULL, 0},
	{"checks", KEY_CHECKS, NULL, 0, NULL, 0},
	{"without", KEY_WITHOUT, "STEP", 0, NULL, 0},
	{"list-steps", KEY_LIST_STEPS, NULL, 0, NULL, 0},
	{"json", KEY_JSON, NULL, 0, NULL, 0},
	{"silence", KEY_SILENCE, "SECONDS", 0, NULL, 0},
	{"help", KEY_HELP, NULL, 0, NULL, 0},
	{0},
};

struct parsing {
	struct run_options *options;
	const char *stopped_at; /* the argument that argp could not make sense of */
};

/*
 * parse_number: a decimal number from `least` to `most`, else one line that names the option.
 * => `least` is not 0: as in `dev`, no number begins with that digit.
 */
static error_t
parse_number(unsigned *number, const char *text, const char *option, unsigned least, unsigned most)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '1' || text[0] > '9' || *end != '\0' || errno || value < least ||
		value > most) {
		error("%s is a number from %u to %u, not '%s'", option, least, most, text);
		return EXPLAINED;
	}
	*number = (unsigned)value;
	return 0;
}

/* refuse: says which names there are. */
static error_t
refuse(const char *what, const char *name, const char *const names[], int count)
{
	char list[512] = "";
	size_t length = 0;

	for (int i = 0; i < count; i++)
		length += (size_t)snprintf(
			list + length, sizeof list - length, "%s%s", i == 0 ? "" : ", ", names[i]);
	error("unknown %s '%s': %s", what, name, list);
	return EXPLAINED;
}

static error_t
parse_workload(struct run_options *options, const char *name)
{
	const char *names[workload_count + 1];

	options->all = strcmp(name, "all") == 0;
	options->workload = &workloads[0];
	if (options->all)
		return 0;
	for (int i = 0; i < workload_count; i++) {
		names[i] = workloads[i].name;
		if (strcmp(name, names[i]) == 0) {
			options->workload = &workloads[i];
			return 0;
		}
	}
	names[workload_count] = "all";
	return refuse("workload", name, names, workload_count + 1);
}

static error_t
parse_policy(struct run_options *options, const char *name)
{
	const char *names[POLICIES];

	for (int i = 0; i < POLICIES; i++) {
		names[i] = policies[i].name;
		if (strcmp(name, names[i]) == 0) {
			options->policies = 1u << i;
			return 0;
		}
	}
	return refuse("policy", name, names, POLICIES);
}

static error_t
parse_readers(struct run_options *options, const char *kind)
{
	options->processes = strcmp(kind, "processes") == 0;
	if (options->processes || strcmp(kind, "threads") == 0)
		return 0;
	error("unknown kind of readers '%s': threads or processes", kind);
	return EXPLAINED;
}

static error_t
parse_option(int key, char *argument, struct argp_state *state)
{
	struct parsing *parsing = state->input;
	struct run_options *options = parsing->options;

	switch (key) {
	case ARGP_KEY_ERROR:
		parsing->stopped_at = state->argv[state->next - 1];
		return 0;
	case KEY_WORKLOAD:
		return parse_workload(options, argument);
	case KEY_CPUS:
		return parse_number(&options->cpus, argument, "--cpus", 1, CPUS_MAXIMUM);
	case KEY_MEMORY:
		return parse_number(&options->memory_mib, argument, "--memory", MEMORY_MINIMUM_MIB,
			MEMORY_MAXIMUM_MIB);
	case KEY_SILENCE:
		return parse_number(&options->silence_s, argument, "--silence", 1, 86400);
	case KEY_POLICY:
		return parse_policy(options, argument);
	case KEY_READERS:
		return parse_readers(options, argument);
	case KEY_FILE:
		options->file = argument;
		return 0;
	case KEY_WITHOUT:
		options->without = argument;
		return 0;
	case KEY_DIRTY:
		options->dirty = true;
		return 0;
	case KEY_CHECKS:
		options->checks = true;
		return 0;
	case KEY_LIST_STEPS:
		options->list_steps = true;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_HELP:
		return ECANCELED;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* options_agree: options that mean nothing together. */
static bool
options_agree(const struct run_options *options)
{
	if (options->without && !options->checks)
		error("--without STEP goes with --checks");
	else if (options->checks && options->json)
		error("--checks prints TAP and has no --json");
	else if (options->dirty &&
		 (options->all || strcmp(options->workload->name, "reclaim") != 0))
		error("--dirty goes with --workload reclaim");
	else
		return true;
	return false;
}

/* options_policies: what the workload is to be run under: a bit for each. */
unsigned
options_policies(const struct run_options *options)
{
	if (options->policies)
		return options->policies;
	return options->all ? options->workload->policies : 1u << POLICY_PAGE | 1u << POLICY_BATCH;
}

static bool
print_help(void)
{
	const char *path = SALVO_SOURCE_ROOT "/tool/run.help";
	FILE *help = fopen(path, "r");
	char line[256];

	if (!help) {
		error("cannot read %s: %s", path, strerror(errno));
		return false;
	}
	while (fgets(line, sizeof line, help))
		fputs(line, stdout);
	fclose(help);
	return true;
}

/*
 * options_parse: the arguments after `salvo run`; arguments[0] is not looked at.
 * Unless it returns OPTIONS_RUN, one line has been printed on standard error, or the help.
 */
enum options_end
options_parse(struct run_options *options, int count, char *arguments[])
{
	const struct argp argp = {known_options, parse_option, NULL, NULL, NULL, NULL, NULL};
	struct parsing parsing = {.options = options};
	error_t failed;
	int next = 0;

	*options = (struct run_options){
		.workload = &workloads[0],
		.cpus = 4,
		.silence_s = 120,
	};
	failed = argp_parse(&argp, count, arguments, ARGP_SILENT | ARGP_IN_ORDER, &next, &parsing);
	if (failed == ECANCELED)
		return print_help() ? OPTIONS_HELP : OPTIONS_WRONG;
	if (failed == 0 && next == count)
		return options_agree(options) ? OPTIONS_RUN : OPTIONS_WRONG;
	if (failed == 0)
		error("unexpected argument '%s'; see --help", arguments[next]);
	else if (failed != EXPLAINED)
		error("unknown option or missing value: '%s'; see --help", parsing.stopped_at);
	return OPTIONS_WRONG;
}
