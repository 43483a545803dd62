// SPDX-License-Identifier: MIT
/* tables.c: the command `tables`. */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine.h"
#include "message.h"
#include "tables.h"

struct tables_options tables_options;

/* ---- Options ---- */

enum { KEY_JSON = 256, KEY_CALIBRATE, KEY_SECONDS, KEY_SEEDS, KEY_JOBS, KEY_HELP };
enum { EXPLAINED = ERANGE };

/* What docs/COSTS.md and the reasons in published.tsv are of. */
static const double seconds_usual = 0.1;
enum { SEEDS_USUAL = 5 };

static const struct argp_option known_options[] = {
	{"json", KEY_JSON, NULL, 0, "print one JSON object", 0},
	{"calibrate", KEY_CALIBRATE, NULL, 0,
		"repeat the search for the costs of fitted.tsv, on the four-node table; "
		"prints fitted.tsv",
		0},
	{"seconds", KEY_SECONDS, "S", 0, "simulated time that each run counts; 0.1", 0},
	{"seeds", KEY_SEEDS, "N", 0, "runs of each kind, whose readers are averaged; 5", 0},
	{"jobs", KEY_JOBS, "N", 0, "runs side by side; one a CPU of this machine", 0},
	{"help", KEY_HELP, NULL, 0, "print this", 0},
	{0},
};

static const char *stopped_at;
static bool helped;

/* parse_number: of an option, in these bounds. */
static error_t
parse_number(double *number, const char *text, const char *option, double least, double most)
{
	char *end;

	*number = strtod(text, &end);
	if (end != text && *end == '\0' && *number >= least && *number <= most)
		return 0;
	error("%s is a number from %g to %g, not '%s'", option, least, most, text);
	return EXPLAINED;
}

/* parse_count: the same, whole. */
static error_t
parse_count(unsigned *count, const char *text, const char *option, unsigned most)
{
	double number;
	error_t result = parse_number(&number, text, option, 1, most);

	if (result == 0 && number != (unsigned)number) {
		error("%s is a whole number, not '%s'", option, text);
		return EXPLAINED;
	}
	*count = result == 0 ? (unsigned)number : 0;
	return result;
}

static error_t
parse_option(int key, char *argument, struct argp_state *state)
{
	struct tables_options *options = &tables_options;

	switch (key) {
	case KEY_JSON:
		options->json = true;
		return 0;
	case KEY_CALIBRATE:
		options->calibrate = true;
		return 0;
	case KEY_SECONDS:
		return parse_number(&options->seconds, argument, "--seconds", 0.001, 10);
	case KEY_SEEDS:
		return parse_count(&options->seeds, argument, "--seeds", SEEDS_MAX);
	case KEY_JOBS:
		return parse_count(&options->jobs, argument, "--jobs", 1024);
	case KEY_HELP:
		argp_help(state->root_argp, stdout, ARGP_HELP_LONG | ARGP_HELP_PRE_DOC, "");
		helped = true;
		return EXPLAINED;
	case ARGP_KEY_ARG:
		stopped_at = argument;
		return EINVAL;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* parse: false: what is wrong has been said, and `*status` is what to exit with. */
static bool
parse(int argc, char **argv, int *status)
{
	static const struct argp parser = {known_options, parse_option, NULL,
		"Usage: ./dev tables [OPTION...]\n\nEvery published figure beside the simulated "
		"one.\n",
		NULL, NULL, NULL};
	long here = sysconf(_SC_NPROCESSORS_ONLN);

	tables_options = (struct tables_options){.seconds = seconds_usual,
		.seeds = SEEDS_USUAL,
		.jobs = here > 0 ? (unsigned)here : 1};
	*status = STATUS_ERROR;
	switch (argp_parse(
		&parser, argc, argv, ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_NO_EXIT, NULL, NULL)) {
	case 0:
		if (!tables_options.json || !tables_options.calibrate)
			return true;
		error("--calibrate prints a file and has no --json");
		return false;
	case EXPLAINED:
		*status = helped ? STATUS_OK : STATUS_ERROR;
		return false;
	default:
		error("unknown or incomplete option '%s'; --help names them",
			stopped_at != NULL ? stopped_at : argv[argc - 1]);
		return false;
	}
}

/* ---- Gorman's tables ---- */

/* A machine before and after his patch, and after others. */
static struct pair {
	const char *table, *machine;
	unsigned cores, threads;
	bool all; /* all the table's figures, and not the gains alone */
	bool unfitted;
	bool same_interrupts; /* an interrupt costs what it does on four nodes */
	struct readers before, after;
} pairs[] = {
	{.table = "four-nodes", .machine = "haswell-ex-4-nodes", .all = true},
	{.table = "single-socket", .machine = "single-socket", .all = true},
	{.table = "single-socket-4-cpus", .machine = "single-socket", .cores = 2, .threads = 2},
	{.table = "single-socket-8-cpus"}, /* as above */
	{.table = "single-socket-16-cpus", .machine = "single-socket", .cores = 8, .threads = 2},
	{.table = "single-socket-unfitted", .machine = "single-socket", .unfitted = true},
	{.table = "single-socket-same-interrupts",
		.machine = "single-socket",
		.same_interrupts = true},
};
enum { PAIRS = sizeof(pairs) / sizeof(pairs[0]), FOUR_NODES = 0, SINGLE_SOCKET = 1 };

static struct readers pages_four, pages_one, larger;
static struct waits waits;

static void
plan(struct readers *readers, const struct pair *pair, const char *policy, unsigned batch)
{
	*readers = (struct readers){.machine = pair->machine,
		.cores = pair->cores,
		.threads = pair->threads,
		.policy = policy,
		.batch = batch,
		.unfitted = pair->unfitted,
		.same_interrupts = pair->same_interrupts,
		.seeds = tables_options.seeds};
	readers_plan(readers);
}

static void
plan_all(void)
{
	for (unsigned i = 0; i < PAIRS; i++) {
		if (pairs[i].machine == NULL)
			continue;
		plan(&pairs[i].before, &pairs[i], "linux-4.2", 0);
		plan(&pairs[i].after, &pairs[i], "linux-4.3", 0);
	}
	plan(&pages_four, &pairs[FOUR_NODES], "batch-pages", 0);
	plan(&pages_one, &pairs[SINGLE_SOCKET], "batch-pages", 0);
	plan(&larger, &pairs[SINGLE_SOCKET], "linux-4.3", 64);
	others_plan();
}

static double
gain(double before, double after)
{
	return 100 * (1 - after / before);
}

/* say_when: the lines of a table, of before or after. */
static void
say_when(const char *table, const char *when, const struct readers_said *said)
{
	const struct {
		const char *name;
		double value;
	} lines[] = {{"elapsed", said->elapsed}, {"time_range", said->range},
		{"time_stddev", said->stddev}, {"user", said->user}, {"system", said->system},
		{"total", said->total}, {"interrupts_per_s", said->interrupts}};
	char figure[64];

	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		snprintf(figure, sizeof(figure), "%s %s", lines[i].name, when);
		simulated(table, figure, lines[i].value);
	}
}

static void
say_pair(const struct pair *pair)
{
	struct readers_said before, after;

	readers_say(&pair->before, &waits, &before);
	readers_say(&pair->after, &waits, &after);
	simulated(pair->table, "gain elapsed", gain(before.elapsed, after.elapsed));
	simulated(pair->table, "gain system", gain(before.system, after.system));
	simulated(pair->table, "interrupts ratio", before.interrupts / after.interrupts);
	if (!pair->all)
		return;
	say_when(pair->table, "before", &before);
	say_when(pair->table, "after", &after);
	simulated(pair->table, "gain time_range", gain(before.range, after.range));
	simulated(pair->table, "gain time_stddev", gain(before.stddev, after.stddev));
}

/* say_negatives: what the source tried and did not keep, or only for some machines. */
static void
say_negatives(void)
{
	struct readers_said four, one, other;

	readers_say(&pairs[FOUR_NODES].after, &waits, &four);
	readers_say(&pairs[SINGLE_SOCKET].after, &waits, &one);
	readers_say(&pages_four, &waits, &other);
	simulated(
		"per-page-flush", "gain elapsed on four nodes", gain(four.elapsed, other.elapsed));
	readers_say(&pages_one, &waits, &other);
	simulated("per-page-flush", "gain elapsed on one socket", gain(one.elapsed, other.elapsed));
	readers_say(&larger, &waits, &other);
	simulated("larger-batch", "interrupts ratio on one socket",
		one.interrupts / other.interrupts);
	simulated("larger-batch", "gain elapsed on one socket", gain(one.elapsed, other.elapsed));
	simulated("larger-batch", "gain system on one socket", gain(one.system, other.system));
}

/* ---- The command ---- */

/* print_fitted: a cost that was, beside the machine file's. */
static void
print_fitted(const char *section, const char *name, double value, void *context)
{
	char key[OVERRIDE_BYTES];

	(void)context;
	snprintf(key, sizeof(key), "%s.%s", section, name);
	for (unsigned i = 0; i < FITTED; i++)
		if (strcmp(fitted[i].key, key) == 0)
			printf("  %-22s %8.0f  (machine file: %g)\n", key, fitted[i].value, value);
}

static const char too_short[] =
	"runs are shorter or fewer than usual (0.1 s, 5 seeds): figures mean little, and reasons "
	"are of usual ones";

static bool
is_short(void)
{
	return tables_options.seconds < seconds_usual || tables_options.seeds < SEEDS_USUAL;
}

static void
print_head(void)
{
	printf("Published figures beside simulated ones. What a line is:\n"
	       "  fitted       costs were searched for so that it comes out: the four-node table's "
	       "alone\n"
	       "  derived      follows from figures that are here too\n"
	       "  held out     nothing was fitted to it, and it was set apart to judge the "
	       "model by\n"
	       "  predicted    nothing was fitted to it either\n"
	       "  assumed      with another number of CPUs, or nothing fitted, for comparison\n"
	       "  shown        of the fitted table, but nothing was fitted to it\n"
	       "  OFF          wrong by more than 15 %%, and of the three kinds that are judged\n"
	       "  [1]          off by more than 15 %%: why, below the table\n\n");
	if (is_short())
		printf("Beware: %s.\n\n", too_short);
	printf("Readers: %g s of simulated time a run, %u seeds, with reclaim at work; scaled to "
	       "10 "
	       "times the\nmachine's memory, of which a tenth finds free memory.\n",
		tables_options.seconds, tables_options.seeds);
	printf("Fitted, to User, System and interrupts a second of the four-node table "
	       "(./dev tables --calibrate):\n");
	machine_each(print_fitted, NULL);
	printf("and from its Elapsed: a CPU is idle %.1f %% of the time, set-up takes %.2f s.\n",
		100 * waits.asleep, waits.set_up);
	printf("Costs named nodes_ns are of machines of several nodes alone: the single socket has "
	       "none of them.\nIts number of CPUs is not published: 8 are assumed, as its User + "
	       "System are 6.7 and 6.6 times its\nElapsed. In this the held-out table is not "
	       "held out; 4 and 16 are below.\n");
	print_judgement();
}

int
command_tables(int argc, char **argv)
{
	int status;

	if (!parse(argc, argv, &status))
		return status;
	if (!published_read() || (!tables_options.calibrate && !fitted_read()))
		return STATUS_ERROR;
	if (tables_options.calibrate)
		return calibrate();
	if (!machine_read(SIMULATOR_MACHINES "/haswell-ex-4-nodes.ini"))
		return STATUS_ERROR;
	if (is_short())
		say("%s", too_short);
	plan_all();
	if (!jobs_run("tables"))
		return STATUS_ERROR;
	readers_wait(&pairs[FOUR_NODES].before, &pairs[FOUR_NODES].after, &waits);
	for (unsigned i = 0; i < PAIRS; i++) {
		if (pairs[i].machine == NULL) {
			pairs[i].before = pairs[SINGLE_SOCKET].before;
			pairs[i].after = pairs[SINGLE_SOCKET].after;
		}
		say_pair(&pairs[i]);
	}
	say_negatives();
	others_say();
	if (tables_options.json) {
		print_json(&waits);
		return STATUS_OK;
	}
	print_head();
	print_text();
	return STATUS_OK;
}
