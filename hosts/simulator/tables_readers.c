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
	FILL_PER_CPU = 2048,      /* and for each second */
	FILL_PER_SECOND = 500000, /* more than a CPU can read */
	SMALL_PER_CPU = 512,
	PAGES_A_MIB = 256,
	FOUR_NODES_CPUS = 48
};

static const double filling = 1.0 / TIMES_MEMORY; /* of all pages */
static const double small_seconds = 0.05;

static struct job *
plan_run(const struct readers *readers)
{
	struct job *job = jobs_add(readers->machine, "readers", readers->policy);

	for (unsigned i = 0; i < FITTED; i++)
		if (!readers->unfitted || strcmp(fitted[i].key, "user.page_ns") == 0)
			job_override(job, fitted[i].key, fitted[i].value);
	if (readers->same_interrupts)
		job_override(job, "interrupt.entry_ns", fitted_interrupt());
	if (readers->cores != 0) {
		job_override(job, "machine.cores", readers->cores);
		job_override(job, "machine.threads", readers->threads);
	}
	job->run.empty = true; /* the source's script drops what is cached */
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
		readers->fill->run.seconds /= 8;
		readers->fill->run.warm_up /= 64;
		readers->fill->run.per_cpu =
			FILL_PER_CPU + (unsigned)(FILL_PER_SECOND * readers->fill->run.seconds);
	}
	for (unsigned i = 0; i < readers->seeds; i++) {
		readers->steady[i] = plan_run(readers);
		readers->steady[i]->run.seed = i + 1;
		readers->steady[i]->run.warm_up *= 1 + (double)i / readers->seeds;
	}
}

/*
 * What a page costs, in seconds of a CPU, and interrupts. The source's User and System are those of the
 * readers (mmtests runs them under time(1)): kswapd's time is in neither.
 */
struct page_cost {
	double user, system, kswapd, interrupts;
};

static void
add_cost(const struct job *job, struct page_cost *sum, double share)
{
	const struct result *result = &job->outcome.result;
	double pages = result->pages == 0 ? 1 : (double)result->pages, all = 0;
	double scale = share / pages / (double)CLOCK_SECOND;

	for (unsigned i = 0; i < WHERES; i++)
		if (i != IDLE)
			all += (double)result->spent[i];
	sum->user += scale * (double)result->spent[USER];
	sum->kswapd += scale * (double)result->kernel;
	sum->system += scale * (all - (double)result->spent[USER] - (double)result->kernel);
	sum->interrupts += share * (double)result->interrupts / pages;
}

/* mean_cost: of all pages; `steady`: of those that reclaim is at work for. */
static struct page_cost
mean_cost(const struct readers *readers, struct page_cost *steady)
{
	struct page_cost mean = {0};

	*steady = mean;
	add_cost(readers->fill, &mean, filling);
	for (unsigned i = 0; i < readers->seeds; i++) {
		add_cost(readers->steady[i], steady, 1.0 / readers->seeds);
		add_cost(readers->steady[i], &mean, (1 - filling) / readers->seeds);
	}
	return mean;
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
readers_wait(const struct readers *before, const struct readers *after, struct waits *waits)
{
	static const char *const when[] = {"before", "after"};
	const struct readers *readers[] = {before, after};

	*waits = (struct waits){0};
	for (unsigned i = 0; i < 2; i++) {
		struct page_cost steady, cost = mean_cost(readers[i], &steady);
		double elapsed = figure_of("elapsed", when[i]);
		double busy = figure_of("user", when[i]) + figure_of("system", when[i]);

		busy *= 1 + cost.kswapd / (cost.user + cost.system);
		waits->asleep += (1 - busy / (FOUR_NODES_CPUS * elapsed)) / 2;
		waits->set_up += (figure_of("total", when[i]) - elapsed) / 2;
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
readers_say(const struct readers *readers, const struct waits *waits, struct readers_said *said)
{
	const struct outcome *outcome = &readers->steady[0]->outcome;
	struct page_cost steady, cost = mean_cost(readers, &steady);
	double cpus = outcome->result.cpus, busy = cpus * (1 - waits->asleep); /* at a time */

	said->pages = TIMES_MEMORY * outcome->memory_mib * PAGES_A_MIB;
	said->user = said->pages * cost.user;
	said->system = said->pages * cost.system;
	said->elapsed = (said->user + said->system + said->pages * cost.kswapd) / busy;
	said->total = said->elapsed + waits->set_up;
	said->interrupts =
		steady.interrupts * busy / (steady.user + steady.system + steady.kswapd) +
		cpus * (double)CLOCK_SECOND / (double)outcome->tick;
	spread(readers, said);
}
