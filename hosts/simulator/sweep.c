// SPDX-License-Identifier: MIT
/*
 * sweep.c: the command `simulate`: one run, or one for each policy and number of busy CPUs, in as
 * many processes as there are jobs. A run's result comes back through a pipe; what is printed is in
 * the order of the command line.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"
#include "message.h"
#include "options.h"
#include "policies/policy.h"
#include "progress.h"
#include "report.h"
#include "timeline.h"
#include "worker.h"
#include "workloads/workload.h"

enum { BUSY_OF_DEFAULT = 64 };

#define DEFAULT_SECONDS 0.05 /* counted, of so many busy CPUs or fewer */
#define LEAST_SECONDS   0.002

/* A run of a sweep. */
struct job {
	struct run run;
	struct result result;
	pid_t pid;
	int pipe;
};

static void
list(void)
{
	printf("workloads\n");
	for (unsigned i = 0; workloads[i] != NULL; i++)
		printf("  %-14s %s\n", workloads[i]->name, workloads[i]->about);
	printf("policies\n");
	for (unsigned i = 0; policies[i] != NULL; i++)
		printf("  %-14s %s\n  %-14s explorer: %s\n", policies[i]->name, policies[i]->source,
			"", policies[i]->explorer != NULL ? policies[i]->explorer : "no program");
}

/* run_here: a status. */
static int
run_here(struct job *job)
{
	if (job->run.timeline != NULL && !timeline_open(job->run.timeline))
		return STATUS_ERROR;
	simulate(&job->run, &job->result);
	return job->run.timeline == NULL || timeline_close() ? STATUS_OK : STATUS_ERROR;
}

/* ---- Side by side ---- */

static bool
start(struct job *job)
{
	int ends[2];

	fflush(stdout);
	if (pipe(ends) != 0 || (job->pid = worker_fork()) < 0) {
		error("cannot start a run: %s", strerror(errno));
		return false;
	}
	if (job->pid == 0) {
		simulate(&job->run, &job->result);
		_exit(worker_send(ends[1], &job->result, sizeof(job->result)) ? STATUS_OK
									      : STATUS_ERROR);
	}
	close(ends[1]);
	job->pipe = ends[0];
	return true;
}

/* finish: wait for a run; its status. What was wrong with it, it has said itself. */
static int
finish(struct job *job)
{
	int status;
	bool good = worker_receive(job->pipe, &job->result, sizeof(job->result));

	close(job->pipe);
	waitpid(job->pid, &status, 0);
	if (!WIFEXITED(status))
		return error("a run ended by signal %d", WTERMSIG(status));
	return good || WEXITSTATUS(status) != STATUS_OK ? WEXITSTATUS(status) : STATUS_ERROR;
}

/* run_all: at most `most` at a time, each waited for in its turn; the first status that is not good. */
static int
run_all(struct job *jobs, unsigned count, unsigned most)
{
	struct progress progress;
	unsigned started = 0;
	int status = STATUS_OK;

	progress_quiet(&progress, "simulating");
	if (count == 1)
		return run_here(jobs);
	for (unsigned i = 0; i < count; i++) {
		while (status == STATUS_OK && started < count && started < i + most)
			status = start(&jobs[started]) ? (started++, STATUS_OK) : STATUS_ERROR;
		if (i < started) {
			int its = finish(&jobs[i]);

			status = status == STATUS_OK ? its : status;
		}
		progress_show(&progress, i + 1, count, "runs");
	}
	progress_clear(&progress);
	return status;
}

/* ---- The command ---- */

static void
print_json(const struct job *jobs, unsigned count)
{
	json_t *root = report_json(&jobs[0].run, &jobs[0].result);

	if (count > 1) {
		json_t *runs = json_array();

		json_array_append_new(runs, root);
		for (unsigned i = 1; i < count; i++)
			json_array_append_new(runs, report_json(&jobs[i].run, &jobs[i].result));
		root = json_pack("{s:o}", "runs", runs);
	}
	json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(root);
}

static void
print_text(const struct job *jobs, unsigned count)
{
	if (count == 1) {
		report_text(&jobs[0].run, &jobs[0].result);
		return;
	}
	report_head(&jobs[0].run, &jobs[count - 1].run);
	for (unsigned i = 0; i < count; i++)
		report_row(&jobs[i].run, &jobs[i].result);
}

/* seconds_for: what many CPUs do in a shorter time is as much to count. */
static double
seconds_for(unsigned busy)
{
	double seconds = busy <= BUSY_OF_DEFAULT ? DEFAULT_SECONDS
						 : DEFAULT_SECONDS * BUSY_OF_DEFAULT / busy;

	return seconds < LEAST_SECONDS ? LEAST_SECONDS : seconds;
}

static void
make_job(struct job *job, const struct options *options, unsigned policy, unsigned busy)
{
	job->run = options->run;
	job->run.policy = options->choices.policies[policy];
	job->run.busy = options->busy[busy];
	if (job->run.seconds == 0)
		job->run.seconds = seconds_for(job->run.busy);
	job->run.progress = options->choices.policy_count * options->busy_count == 1;
}

int
command_simulate(int argc, char **argv)
{
	static struct options options;
	struct job *jobs;
	unsigned count = 0;
	int status;

	if (!options_parse(argc, argv, &options, &status))
		return status;
	if (options.list) {
		list();
		return STATUS_OK;
	}
	jobs = calloc(options.choices.policy_count * options.busy_count, sizeof(*jobs));
	if (jobs == NULL)
		return error("no memory");
	for (unsigned p = 0; p < options.choices.policy_count; p++)
		for (unsigned b = 0; b < options.busy_count; b++)
			make_job(&jobs[count++], &options, p, b);
	status = run_all(jobs, count, options.jobs);
	if (status == STATUS_OK && options.json)
		print_json(jobs, count);
	else if (status == STATUS_OK)
		print_text(jobs, count);
	free(jobs);
	return status;
}
