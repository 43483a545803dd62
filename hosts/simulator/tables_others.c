// SPDX-License-Identifier: MIT
/*
 * tables_others.c: headline figures of other work, where machine and workload are known well enough
 * to simulate. Nothing is fitted to them: machine files as they are.
 */
#include <stdio.h>

#include "clock.h"
#include "tables.h"

enum { BEFORE, AFTER, WHEN, MADVISE_PAGES = 65536, MILAN_CPUS = 36, WRITERS_PER_CPU = 4096 };

/* INVLPGB: will-it-scale's tlb_flush2 on 36 cores: one process, a page written and given back. */
static const struct {
	const char *figure, *policy;
	unsigned lru;
} loops[] = {
	{"loops before", "linux", 1},
	{"loops without lru_add_drain", "linux", 0},
	{"loops with INVLPGB", "broadcast", 1},
	{"loops with both", "broadcast", 0},
};
enum { LOOPS = sizeof(loops) / sizeof(loops[0]) };

/* Concurrent flushes: writers of a mapped file on a Haswell of two sockets. */
static const unsigned threads[] = {1, 2, 4, 8, 16, 24, 32, 48};
enum { THREADS = sizeof(threads) / sizeof(threads[0]) };

/* process_madvise: ranges of a page in a call. */
static const unsigned ranges[] = {1, 2, 8, 32, 128, 1024};
enum { RANGES = sizeof(ranges) / sizeof(ranges[0]) };

static struct job *loops_jobs[LOOPS], *threads_jobs[WHEN][THREADS], *ranges_jobs[WHEN][RANGES];

static void
plan_loops(unsigned i)
{
	struct job *job = loops_jobs[i] = jobs_add("epyc-milan", "munmap", loops[i].policy);

	job_override(job, "machine.sockets", 1);
	job_override(job, "machine.cores", MILAN_CPUS);
	job_override(job, "machine.threads", 1);
	job_override(job, "machine.cluster", 6);
	job_override(job, "user.page_ns", 10);
	job_override(job, "user.think_ns", 0);
	job->run.lru = loops[i].lru;
	job->run.seconds /= 10;
	job->run.warm_up /= 10;
}

static struct job *
plan_writers(unsigned busy, const char *policy)
{
	struct job *job = jobs_add("haswell-ex-4-nodes", "writers", policy);

	job_override(job, "machine.sockets", 2);
	job_override(job, "machine.threads", 2);
	job_override(job, "user.page_ns", 1000);
	job->run.busy = busy;
	job->run.pages = 100;
	job->run.per_cpu = WRITERS_PER_CPU;
	return job;
}

static struct job *
plan_madvise(unsigned pages, const char *policy)
{
	struct job *job = jobs_add("single-socket", "munmap", policy);

	job_override(job, "user.page_ns", 10);
	job_override(job, "user.think_ns", 0);
	job->run.busy = 1;
	job->run.pages = pages;
	job->run.per_cpu = 8192;
	return job;
}

void
others_plan(void)
{
	static const char *const writers[] = {"linux-in-turn", "linux"}, *const madvise[] = {
										 "page", "batch"};

	for (unsigned i = 0; i < LOOPS; i++)
		plan_loops(i);
	for (unsigned when = BEFORE; when < WHEN; when++) {
		for (unsigned i = 0; i < THREADS; i++)
			threads_jobs[when][i] = plan_writers(threads[i], writers[when]);
		for (unsigned i = 0; i < RANGES; i++)
			ranges_jobs[when][i] = plan_madvise(ranges[i], madvise[when]);
	}
}

static double
operations_a_second(const struct job *job)
{
	return (double)job->outcome.result.operations / job->outcome.result.seconds;
}

/* madvise_ms: of all pages; faults and user code are not in it. */
static double
madvise_ms(const struct job *job)
{
	const struct result *result = &job->outcome.result;
	uint64_t time = result->spent[CALL] + result->spent[FLUSH] + result->spent[LOCK] +
			result->spent[WAIT];

	return (double)time / (double)result->pages * MADVISE_PAGES / (double)CLOCK_SECOND * 1000;
}

void
others_say(void)
{
	char figure[64];

	for (unsigned i = 0; i < LOOPS; i++)
		simulated("invlpgb", loops[i].figure, operations_a_second(loops_jobs[i]));
	simulated("invlpgb", "gain of INVLPGB without lru_add_drain",
		100 * (operations_a_second(loops_jobs[3]) / operations_a_second(loops_jobs[1]) -
			      1));
	for (unsigned i = 0; i < THREADS; i++) {
		snprintf(figure, sizeof(figure), "gain with %u threads", threads[i]);
		simulated("concurrent", figure,
			100 * (operations_a_second(threads_jobs[AFTER][i]) /
					      operations_a_second(threads_jobs[BEFORE][i]) -
				      1));
	}
	for (unsigned i = 0; i < RANGES; i++) {
		snprintf(figure, sizeof(figure), "time before, %u ranges a call", ranges[i]);
		simulated("process-madvise", figure, madvise_ms(ranges_jobs[BEFORE][i]));
		snprintf(figure, sizeof(figure), "time after, %u ranges a call", ranges[i]);
		simulated("process-madvise", figure, madvise_ms(ranges_jobs[AFTER][i]));
		snprintf(figure, sizeof(figure), "gain, %u ranges a call", ranges[i]);
		simulated("process-madvise", figure,
			100 * (1 - madvise_ms(ranges_jobs[AFTER][i]) /
					      madvise_ms(ranges_jobs[BEFORE][i])));
	}
}
