// SPDX-License-Identifier: MIT
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "message.h"
#include "options.h"
#include "reduce.h"

enum {
	KEY_MEMORY = 256,
	KEY_LIMIT_STATES,
	KEY_LIMIT_MEMORY,
	KEY_PREEMPTIONS,
	KEY_CPUS,
	KEY_JOBS,
	KEY_SAVE,
	KEY_REPLAY,
	KEY_HTML,
	KEY_NO_REDUCTION,
	KEY_EVERY_LOAD,
	KEY_EVERY_TURN,
	KEY_NARROW,
	KEY_ALL,
	KEY_LIST,
	KEY_JSON,
	KEY_HELP,
	KEY_MUTANTS,
};

static const struct argp_option known_options[] = {
	{"list", KEY_LIST, NULL, 0, "name the programs and what is expected of each", 0},
	{"memory", KEY_MEMORY, "MODEL", 0, "sc or tso; both unless one is named", 0},
	{"cpus", KEY_CPUS, "N", 0, "only programs of N CPUs", 0},
	{"jobs", KEY_JOBS, "N", 0, "searches side by side; one a CPU of this machine", 0},
	{"preemptions", KEY_PREEMPTIONS, "K", 0, "only schedules of at most K preemptions", 0},
	{"limit-states", KEY_LIMIT_STATES, "N", 0, "give a program up after N states", 0},
	{"limit-memory", KEY_LIMIT_MEMORY, "MIB", 0, "give a program up at MIB of states", 0},
	{"no-reduction", KEY_NO_REDUCTION, NULL, 0, "try orders that make no difference too", 0},
	{"every-turn", KEY_EVERY_TURN, NULL, 0,
		"loops that wait go round though nothing has changed; implies --no-reduction", 0},
	{"every-load", KEY_EVERY_LOAD, NULL, 0, "loads of what no other CPU writes are steps", 0},
	{"narrow", KEY_NARROW, NULL, 0,
		"counters of three bits, which wrap, and a word of a set for each CPU", 0},
	{"all", KEY_ALL, NULL, 0, "programs that take long too", 0},
	{"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
	{"help", KEY_HELP, NULL, 0, "print this", 0},
	{"save", KEY_SAVE, "FILE", 0, "write the failing schedule, for --replay", 0},
	{"replay", KEY_REPLAY, "FILE", 0, "repeat a saved schedule", 0},
	{"html", KEY_HTML, "FILE", 0, "write the failing schedule as a page with a picture", 0},
	{"mutants", KEY_MUTANTS, "SET", OPTION_ARG_OPTIONAL,
		"which programs tell that a step of the library is missing. SET: named, if none "
		"is, mechanical or random; --mutants --help tells more",
		0},
	{0},
};

enum { JOBS_MAX = 1024 };

/* What a parser returns once it has said what is wrong. */
enum { EXPLAINED = ERANGE };

static const char *stopped_at; /* the argument that argp could not make sense of */

static error_t
parse_number(size_t *number, const char *text, const char *option)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 &&
		*number <= (size_t)1 << 32)
		return 0;
	error("%s is a number from 0 to 4294967296, not '%s'", option, text);
	return EXPLAINED;
}

static error_t
parse_preemptions(struct explore_options *options, const char *text)
{
	size_t number;

	if (parse_number(&number, text, "--preemptions") != 0)
		return EXPLAINED;
	if (number > PREEMPTIONS_MAX) {
		error("--preemptions is at most %d, not %s", PREEMPTIONS_MAX, text);
		return EXPLAINED;
	}
	options->bounds.preemptions = (int)number;
	return 0;
}

/* parse_count: a number from 1 to `most`. */
static error_t
parse_count(unsigned *count, const char *text, const char *option, unsigned most)
{
	size_t number;

	if (parse_number(&number, text, option) != 0)
		return EXPLAINED;
	if (number == 0 || number > most) {
		error("%s is a number from 1 to %u, not '%s'", option, most, text);
		return EXPLAINED;
	}
	*count = (unsigned)number;
	return 0;
}

static error_t
parse_memory(struct explore_options *options, const char *model)
{
	options->sc = strcmp(model, "sc") == 0;
	options->tso = strcmp(model, "tso") == 0;
	if (options->sc || options->tso)
		return 0;
	error("unknown memory model '%s': sc or tso", model);
	return EXPLAINED;
}

/* parse_switch: an option without an argument. */
static error_t
parse_switch(int key, struct explore_options *options)
{
	switch (key) {
	case KEY_LIST:
		options->list = true;
		return 0;
	case KEY_ALL:
		options->all = true;
		return 0;
	case KEY_NARROW:
		options->narrow = true;
		return 0;
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_NO_REDUCTION:
		reducing = false;
		return 0;
	case KEY_EVERY_LOAD:
		every_load = true;
		return 0;
	case KEY_EVERY_TURN:
		every_turn = true;
		reducing = false; /* turns that change nothing would be taken alone for ever */
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t
parse_option(int key, char *argument, struct argp_state *state)
{
	struct explore_options *options = state->input;

	switch (key) {
	case KEY_MEMORY:
		return parse_memory(options, argument);
	case KEY_PREEMPTIONS:
		return parse_preemptions(options, argument);
	case KEY_CPUS:
		return parse_count(&options->cpus, argument, "--cpus", CPUS_MAX);
	case KEY_JOBS:
		return parse_count(&options->jobs, argument, "--jobs", JOBS_MAX);
	case KEY_LIMIT_STATES:
		return parse_number(&options->bounds.states, argument, "--limit-states");
	case KEY_LIMIT_MEMORY: {
		error_t failed = parse_number(&options->bounds.bytes, argument, "--limit-memory");

		options->bounds.bytes <<= 20;
		return failed;
	}
	case KEY_SAVE:
		options->save = argument;
		return 0;
	case KEY_REPLAY:
		options->replay = argument;
		return 0;
	case KEY_HTML:
		options->html = argument;
		return 0;
	case KEY_MUTANTS:
		error("--mutants is an option of ./dev explore, which builds what it needs");
		return EXPLAINED;
	case KEY_HELP:
		return ECANCELED;
	case ARGP_KEY_ERROR:
		stopped_at = state->argv[state->next - 1];
		return 0;
	case ARGP_KEY_ARGS:
		options->names = state->argv + state->next;
		options->name_count = state->argc - state->next;
		return 0;
	default:
		return parse_switch(key, options);
	}
}

static bool
options_agree(const struct explore_options *options)
{
	if (options->replay != NULL && (options->save != NULL || options->name_count != 0))
		error("--replay takes no program and no --save: its file names the program");
	else if ((options->save != NULL || options->html != NULL) && options->replay == NULL &&
		 (options->name_count != 1 || options->sc == options->tso))
		error("--save and --html take one program and one --memory");
	else if (options->json && (options->list || options->replay != NULL))
		error("--json goes with a search");
	else
		return true;
	return false;
}

bool
options_parse(struct explore_options *options, int count, char *arguments[], int *status)
{
	const struct argp argp = {known_options, parse_option, "[PROGRAM...]",
		"Try every interleaving of small programs over the library's own code.", NULL, NULL,
		NULL};
	error_t failed;

	*options = (struct explore_options){
		.sc = true,
		.tso = true,
		.jobs = (unsigned)sysconf(_SC_NPROCESSORS_ONLN),
		.bounds = {.states = 260000000, .bytes = (size_t)8 << 30, .preemptions = UNBOUNDED},
	};
	failed = argp_parse(&argp, count, arguments, ARGP_SILENT, NULL, options);
	*status = failed == ECANCELED ? STATUS_OK : STATUS_ERROR;
	if (failed == ECANCELED) {
		static char name[] = "./dev explore";

		argp_help(&argp, stdout, ARGP_HELP_USAGE | ARGP_HELP_LONG, name);
	} else if (failed != 0 && failed != EXPLAINED) {
		error("unknown option or missing value: '%s'; see --help", stopped_at);
	}
	return failed == 0 && options_agree(options);
}
