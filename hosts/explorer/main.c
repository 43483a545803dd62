// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs.h"
#include "lanes.h"
#include "message.h"
#include "schedule.h"

static const struct listing *
find_program(const char *name)
{
	for (const struct listing *l = programs; l->program != NULL; l++)
		if (strcmp(l->program->name, name) == 0)
			return l;
	return NULL;
}

static bool
is_named(const struct explore_options *options, const struct listing *listing)
{
	for (int i = 0; i < options->name_count; i++)
		if (strcmp(options->names[i], listing->program->name) == 0)
			return true;
	return false;
}

static bool
wanted(const struct explore_options *options, const struct listing *listing)
{
	if (options->cpus != 0 && listing->program->cpus != options->cpus)
		return false;
	return options->name_count == 0 ? options->all || !is_long(listing)
					: is_named(options, listing);
}

/* choose: what is to be explored, each under each memory model; returns how many. */
static size_t
choose(const struct explore_options *options, struct outcome *outcomes)
{
	size_t count = 0;

	for (const struct listing *l = programs; l->program != NULL; l++) {
		if (!wanted(options, l))
			continue;
		if (options->sc)
			outcomes[count++] = (struct outcome){.listing = l};
		if (options->tso)
			outcomes[count++] = (struct outcome){.listing = l, .tso = true};
	}
	return count;
}

/* What was asked for, for the processes of searches. */
static struct explore_options options;

/* show_failure: a failure that was asked for by name, or that nobody expected. */
static void
show_failure(const struct outcome *outcome)
{
	if (!outcome->result.failed)
		return;
	if (options.save != NULL)
		schedule_save(options.save, outcome);
	if (options.html != NULL)
		html_write(options.html, outcome);
	if (!options.json && (options.name_count != 0 || !as_expected(outcome)))
		lanes_print(outcome, options.save);
}

static void
explore_program(struct outcome *outcome)
{
	struct bounds bounds = options.bounds;

	if (bounds.preemptions == UNBOUNDED)
		bounds.preemptions = expected_preemptions(outcome->listing);
	outcome->preemptions = bounds.preemptions;
	tso = outcome->tso;
	search(outcome->listing->program, &bounds, &outcome->result);
	show_failure(outcome);
}

static void
show_nothing(const struct outcome *outcome)
{
	(void)outcome;
}

static int
explore(void)
{
	/* Of many failures the last is the one that is kept. */
	const bool keeps = options.save != NULL || options.html != NULL;
	struct outcome *outcomes;
	size_t count = 0;

	for (const struct listing *l = programs; l->program != NULL; l++)
		count++;
	outcomes = jobs_outcomes(count * 2);
	if (outcomes == NULL)
		return error("not enough memory");
	count = choose(&options, outcomes);
	if (count == 0)
		return error("no such program has %u CPUs", options.cpus);
	if (!options.json)
		report_begin(&options, outcomes, count);
	if (!jobs_run(outcomes, count, keeps ? 1 : options.jobs, explore_program,
		    options.json ? show_nothing : report_outcome))
		return STATUS_ERROR;
	if (options.json)
		report_json(outcomes, count);
	else
		report_verdict(outcomes, count);
	for (size_t i = 0; i < count; i++)
		if (!as_expected(&outcomes[i]))
			return STATUS_WRONG;
	return STATUS_OK;
}

/* replay: the schedule's failure is what it ends with. */
static int
replay(const char *path, const char *html)
{
	struct outcome outcome = {0};

	if (!schedule_load(path, &outcome))
		return STATUS_ERROR;
	tso = outcome.tso;
	if (html != NULL)
		html_write(html, &outcome);
	lanes_print(&outcome, path);
	free(outcome.result.schedule);
	return STATUS_OK;
}

/* run_narrow: the explorer that was compiled with narrow counters and sets stands beside this one. */
static int
run_narrow(char *arguments[])
{
	char path[4096];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - sizeof "-narrow");

	if (length < 0)
		return error("cannot tell where the explorer is");
	memcpy(path + length, "-narrow", sizeof "-narrow");
	execv(path, arguments);
	return error("cannot run %s", path);
}

/* can_write: said before the search, not after it. */
static bool
can_write(const char *path)
{
	FILE *file = path != NULL ? fopen(path, "a") : NULL;

	if (path != NULL && file == NULL) {
		error("cannot write %s: %s", path, strerror(errno));
		return false;
	}
	if (file != NULL)
		fclose(file);
	return true;
}

int
main(int count, char *arguments[])
{
	int status;

	if (!options_parse(&options, count, arguments, &status))
		return status;
	if (options.narrow && SALVO_COUNTER_BITS > 3)
		return run_narrow(arguments);
	for (int i = 0; i < options.name_count; i++)
		if (find_program(options.names[i]) == NULL)
			return error("unknown program '%s'; --list names them", options.names[i]);
	if (options.list) {
		report_list();
		return STATUS_OK;
	}
	if (!can_write(options.save) || !can_write(options.html))
		return STATUS_ERROR;
	return options.replay != NULL ? replay(options.replay, options.html) : explore();
}
