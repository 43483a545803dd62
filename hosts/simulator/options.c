// SPDX-License-Identifier: MIT
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "message.h"
#include "options.h"
#include "policies/policy.h"
#include "workloads/workload.h"

enum {
	KEY_WORKLOAD = 256,
	KEY_CPUS,
	KEY_SPREAD,
	KEY_DIRTY,
	KEY_INITIATORS,
	KEY_LRU,
	KEY_SPACES,
	KEY_PAGES,
	KEY_BATCH,
	KEY_MEMORY,
	KEY_SECONDS,
	KEY_WARM_UP,
	KEY_SEED,
	KEY_TRACE,
	KEY_JOBS,
	KEY_JSON,
	KEY_LIST,
	KEY_EMPTY,
};

static const struct argp_option known_options[] = {
	{"workload", KEY_WORKLOAD, "NAME", 0, "what busy CPUs do; --list names them", 0},
	{"cpus", KEY_CPUS, "N[,N...]", 0, "CPUs that have work; all unless given", 0},
	{"spread", KEY_SPREAD, NULL, 0, "busy CPUs are as far from each other as can be", 0},
	{"initiators", KEY_INITIATORS, "N", 0, "threads of a storm that do not only run; all", 0},
	{"dirty", KEY_DIRTY, NULL, 0, "readers write to their pages", 0},
	{"empty", KEY_EMPTY, NULL, 0, "memory is, when readers begin", 0},
	{"lru", KEY_LRU, "N", 0, "times that a munmap takes its node's LRU lock; 0", 0},
	{"spaces", KEY_SPACES, "N", 0, "address spaces that they share", 0},
	{"pages", KEY_PAGES, "N", 0, "pages of an operation", 0},
	{"batch", KEY_BATCH, "N", 0, "pages that reclaim takes at once; 32", 0},
	{"memory", KEY_MEMORY, "N", 0, "frames of memory for each busy CPU; 2048", 0},
	{"seconds", KEY_SECONDS, "S", 0,
		"simulated time that is counted; 0.05, less for more than 64 CPUs", 0},
	{"warm-up", KEY_WARM_UP, "S", 0, "simulated time before; 0.01", 0},
	{"seed", KEY_SEED, "N", 0, "the same seed, the same result; 1", 0},
	{"trace", KEY_TRACE, "FILE", 0, "write what happened when, for a trace viewer", 0},
	{"jobs", KEY_JOBS, "N", 0, "runs side by side; one a CPU of this machine", 0},
	{"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
	{"list", KEY_LIST, NULL, 0, "name the workloads and policies", 0},
	{0},
};

/* Options that only some workloads take. */
static const struct limited {
	int key;
	const char *name;
	unsigned takes;
} limited[] = {
	{KEY_SPACES, "--spaces", TAKES_SPACES},
	{KEY_PAGES, "--pages", TAKES_PAGES},
	{KEY_INITIATORS, "--initiators", TAKES_INITIATORS},
	{KEY_LRU, "--lru", TAKES_LRU},
	{KEY_DIRTY, "--dirty", TAKES_DIRTY},
	{KEY_EMPTY, "--empty", TAKES_EMPTY},
	{KEY_BATCH, "--batch", TAKES_BATCH},
};
enum { LIMITED = sizeof(limited) / sizeof(limited[0]) };

static error_t
parse_number(uint64_t *number, const char *text, const char *option, uint64_t least, uint64_t most)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *number >= least &&
		*number <= most)
		return 0;
	error("%s is a number from %llu to %llu, not '%s'", option, (unsigned long long)least,
		(unsigned long long)most, text);
	return EXPLAINED;
}

static error_t
parse_unsigned(unsigned *value, const char *text, const char *option, unsigned least, unsigned most)
{
	uint64_t number;
	error_t result = parse_number(&number, text, option, least, most);

	*value = (unsigned)number;
	return result;
}

static error_t
parse_seconds(double *seconds, const char *text, const char *option, double least)
{
	char *end;

	*seconds = strtod(text, &end);
	if (end != text && *end == '\0' && *seconds >= least && *seconds <= 1000)
		return 0;
	error("%s is a number of seconds from %g to 1000, not '%s'", option, least, text);
	return EXPLAINED;
}

static error_t
add_cpus(void *context, const char *text)
{
	struct options *options = context;

	if (options->busy_count < BUSY_MAX)
		return parse_unsigned(
			&options->busy[options->busy_count++], text, "--cpus", 1, CLOCK_CPUS_MAX);
	error("--cpus takes %d numbers at most", BUSY_MAX);
	return EXPLAINED;
}

static error_t
parse_workload(struct options *options, const char *text)
{
	options->run.workload = workload_find(text);
	if (options->run.workload != NULL)
		return 0;
	error("unknown workload '%s'; --list names them", text);
	return EXPLAINED;
}

/* parse_run: options that are of one run. */
static error_t
parse_run(int key, char *argument, struct argp_state *state)
{
	struct run *run = &((struct options *)state->input)->run;

	switch (key) {
	case KEY_SPREAD:
		run->spread = true;
		return 0;
	case KEY_INITIATORS:
		return parse_unsigned(
			&run->initiators, argument, "--initiators", 1, CLOCK_CPUS_MAX);
	case KEY_DIRTY:
		run->dirty = true;
		return 0;
	case KEY_EMPTY:
		run->empty = true;
		return 0;
	case KEY_LRU:
		return parse_unsigned(&run->lru, argument, "--lru", 0, 16);
	case KEY_SPACES:
		return parse_unsigned(&run->spaces, argument, "--spaces", 1, CLOCK_CPUS_MAX);
	case KEY_PAGES:
		return parse_unsigned(&run->pages, argument, "--pages", 1, 1 << 20);
	case KEY_BATCH:
		return parse_unsigned(&run->batch, argument, "--batch", 1, 1024);
	case KEY_MEMORY:
		return parse_unsigned(&run->per_cpu, argument, "--memory", 512, 1 << 20);
	case KEY_SECONDS:
		return parse_seconds(&run->seconds, argument, "--seconds", 1e-6);
	case KEY_WARM_UP:
		return parse_seconds(&run->warm_up, argument, "--warm-up", 0);
	case KEY_SEED:
		return parse_number(&run->seed, argument, "--seed", 0, UINT64_MAX);
	case KEY_TRACE:
		run->timeline = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t
parse_option(int key, char *argument, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &options->choices;
		return 0;
	case ARGP_KEY_ARG:
		error("'%s' is no option; --help names them", argument);
		return EXPLAINED;
	case KEY_WORKLOAD:
		return parse_workload(options, argument);
	case KEY_CPUS:
		return choices_parse_list(options, argument, add_cpus);
	case KEY_JOBS:
		return parse_unsigned(&options->jobs, argument, "--jobs", 1, 1024);
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_LIST:
		options->list = true;
		return 0;
	default:
		for (unsigned i = 0; i < LIMITED; i++)
			if (limited[i].key == key)
				options->given |= limited[i].takes;
		return parse_run(key, argument, state);
	}
}

/* fits: the workload takes the options that were given. */
static bool
fits(const struct options *options)
{
	const struct workload *workload = options->run.workload;
	char takers[256] = "";

	if (options->run.pages > workload->pages_most && (workload->takes & TAKES_PAGES) != 0) {
		error("--pages of workload %s is a number from 1 to %u, not '%u'", workload->name,
			workload->pages_most, options->run.pages);
		return false;
	}
	for (unsigned i = 0; i < LIMITED; i++) {
		if ((limited[i].takes & options->given & ~workload->takes) == 0)
			continue;
		for (unsigned w = 0; workloads[w] != NULL; w++)
			if ((workloads[w]->takes & limited[i].takes) != 0) {
				size_t length = strlen(takers);

				snprintf(takers + length, sizeof(takers) - length, " %s",
					workloads[w]->name);
			}
		error("%s means nothing to workload %s; it is of:%s", limited[i].name,
			workload->name, takers);
		return false;
	}
	return true;
}

/* complete: what was not said. Reads the machine. */
static bool
complete(struct options *options)
{
	struct choices *choices = &options->choices;
	struct run *run = &options->run;

	if (options->list)
		return true;
	if (!fits(options))
		return false;
	run->machine_path = choices->machine_path;
	if (!choices_read_machine(choices))
		return false;
	if (choices->policy_count == 0)
		choices->policies[choices->policy_count++] = policy_find("salvo");
	if (options->busy_count == 0)
		options->busy[options->busy_count++] = machine.cpus;
	for (unsigned i = 0; i < options->busy_count; i++)
		if (options->busy[i] > machine.cpus) {
			error("--cpus %u: the machine has %u CPUs", options->busy[i], machine.cpus);
			return false;
		}
	if (run->pages == 0)
		run->pages = run->workload->pages;
	if (run->timeline != NULL && choices->policy_count * options->busy_count > 1) {
		error("--trace is of one run: name one policy and one number of CPUs");
		return false;
	}
	return true;
}

bool
options_parse(int argc, char **argv, struct options *options, int *status)
{
	static const struct argp_child children[] = {{&choices_argp, 0, NULL, 0}, {0}};
	static const struct argp parser = {known_options, parse_option, NULL,
		"Usage: ./dev simulate [OPTION...]\n\nSimulate a machine, and say what flushes "
		"cost "
		"on it.\n",
		children, NULL, NULL};
	long here = sysconf(_SC_NPROCESSORS_ONLN);
	error_t parsed;

	*options = (struct options){.run = {.batch = 32,
					    .per_cpu = 2048,
					    .warm_up = 0.01,
					    .seed = 1,
					    .workload = workloads[0]},
		.jobs = here > 0 ? (unsigned)here : 1};
	choices_init(&options->choices, "haswell-ex-4-nodes");
	parsed = argp_parse(
		&parser, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT, NULL, options);
	if (!choices_end(&options->choices, parsed, status))
		return false;
	*status = STATUS_ERROR;
	return complete(options);
}
