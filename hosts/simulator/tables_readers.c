// SPDX-License-Identifier: MIT
/*
 * tables_readers.c: Gorman's readers of 10 times a machine's memory. A part of it is simulated, with a
 * small memory, and scaled: a tenth of the pages finds free memory (`fill`), all others have
 * reclaim at work (`steady`, once for each seed). CPUs are busy all that time; the real ones were not,
 * so what elapses is longer by the share asleep.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "tables.h"

enum {
	TIMES_MEMORY = 10,
	FILL_PER_CPU = 65536,
	SMALL_PER_CPU = 512,
	PAGES_A_MIB = 256,
	FOUR_NODES_CPUS = 48
};

static const double filling = 1.0 / TIMES_MEMORY; /* of all pages */
static const double small_seconds = 0.03;

static struct job *
plan_run(const struct readers *readers)
{
	struct job *job = jobs_add(readers->machine, "readers", readers->policy);

	for (unsigned i = 0; i < FITTED; i++)
		if (!readers->unfitted || strcmp(fitted[i].key, "user.page_ns") == 0)
			job_override(job, fitted[i].key, fitted[i].value);
	if (readers->cores != 0) {
		job_override(job, "machine.cores", readers->cores);
		job_override(job, "machine.threads", readers->threads);
	}
	if (readers->batch != 0)
		job->run.batch = readers->batch;
	if (readers->small) {
		job->run.per_cpu = SMALL_PER_CPU;
		job->run.seconds = small_seconds;
		job->run.warm_up = small_seconds * 3 / 2;
	}
	return job;
}

void
readers_plan(struct readers *readers)
{
	if (readers->fill == NULL) {
		readers->fill = plan_run(readers);
		readers->fill->run.per_cpu = FILL_PER_CPU;
		readers->fill->run.seconds /= 8;
		readers->fill->run.warm_up /= 64;
	}
	for (unsigned i = 0; i < readers->seeds; i++) {
		readers->steady[i] = plan_run(readers);
		readers->steady[i]->run.seed = i + 1;
	}
}

/* What a page costs, in seconds of a CPU, and interrupts. */
struct page_cost {
	double user, system, interrupts;
};

static void
add_cost(const struct job *job, struct page_cost *sum, double share)
{
	const struct result *result = &job->outcome.result;
	double pages = result->pages == 0 ? 1 : (double)result->pages, all = 0;

	for (unsigned i = 0; i < WHERES; i++)
		if (i != IDLE)
			all += (double)result->spent[i];
	sum->user += share * (double)result->spent[USER] / pages / (double)CLOCK_SECOND;
	sum->system += share * (all - (double)result->spent[USER]) / pages / (double)CLOCK_SECOND;
	sum->interrupts += share * (double)result->interrupts / pages;
}

/* figure_of: of the four-node table; `when` is "before" or "after". */
static double
figure_of(const char *name, const char *when)
{
	char figure[32];

	snprintf(figure, sizeof(figure), "%s %s", name, when);
	return published("four-nodes", figure);
}

void
readers_waits(double *asleep, double *set_up)
{
	static const char *const when[] = {"before", "after"};

	*asleep = *set_up = 0;
	for (unsigned i = 0; i < 2; i++) {
		double elapsed = figure_of("elapsed", when[i]);
		double busy = figure_of("user", when[i]) + figure_of("system", when[i]);

		*asleep += (1 - busy / (FOUR_NODES_CPUS * elapsed)) / 2;
		*set_up += (figure_of("total", when[i]) - elapsed) / 2;
	}
}

/* spread: how differently the readers would end, each at its own mean rate over all seeds. */
static void
spread(const struct readers *readers, struct readers_said *said)
{
	unsigned count = readers->steady[0]->outcome.result.busy;
	double rates[READERS_MAX], mean = 0, least = INFINITY, most = 0, squares = 0;

	for (unsigned i = 0; i < count; i++) {
		rates[i] = 0;
		for (unsigned n = 0; n < readers->seeds; n++)
			rates[i] += (double)readers->steady[n]->outcome.pages[i];
		mean += rates[i] / count;
	}
	for (unsigned i = 0; i < count; i++) {
		double time = rates[i] == 0 ? 0 : said->elapsed * mean / rates[i];

		least = time < least ? time : least;
		most = time > most ? time : most;
		squares += (time - said->elapsed) * (time - said->elapsed) / count;
	}
	said->range = most - least;
	said->stddev = sqrt(squares);
}

void
readers_say(const struct readers *readers, struct readers_said *said)
{
	const struct outcome *outcome = &readers->steady[0]->outcome;
	double cpus = outcome->result.cpus, asleep, set_up, busy;
	struct page_cost fill = {0}, steady = {0};

	readers_waits(&asleep, &set_up);
	add_cost(readers->fill, &fill, 1);
	for (unsigned i = 0; i < readers->seeds; i++)
		add_cost(readers->steady[i], &steady, 1.0 / readers->seeds);
	said->pages = TIMES_MEMORY * outcome->memory_mib * PAGES_A_MIB;
	said->user = said->pages * (filling * fill.user + (1 - filling) * steady.user);
	said->system = said->pages * (filling * fill.system + (1 - filling) * steady.system);
	busy = cpus * (1 - asleep); /* CPUs at a time */
	said->elapsed = (said->user + said->system) / busy;
	said->total = said->elapsed + set_up;
	said->interrupts = steady.interrupts * busy / (steady.user + steady.system) +
			   cpus * (double)CLOCK_SECOND / (double)outcome->tick;
	spread(readers, said);
}
