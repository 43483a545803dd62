// SPDX-License-Identifier: MIT
/* tables_runs.c: runs that are planned, each made by a process of its own, which reads its machine. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "progress.h"
#include "tables.h"
#include "worker.h"
#include "workloads/workload.h"

enum { JOBS_MAX = 256, PER_CPU = 1024, BATCH = 32 };

static struct job *planned[JOBS_MAX];
static unsigned count;

void
jobs_clear(void)
{
	while (count != 0)
		free(planned[--count]);
}

struct job *
jobs_add(const char *machine_name, const char *workload, const char *policy_name)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL || count == JOBS_MAX) {
		error("too many runs");
		exit(STATUS_ERROR);
	}
	planned[count++] = job;
	job->machine = machine_name;
	job->run = (struct run){.workload = workload_find(workload),
		.policy = policy_find(policy_name),
		.pages = 1,
		.batch = BATCH,
		.per_cpu = PER_CPU,
		.seconds = tables_options.seconds,
		.warm_up = tables_options.seconds * 3 / 2,
		.seed = 1};
	if (job->run.workload == NULL || job->run.policy == NULL) {
		error("there is no workload %s or no policy %s", workload, policy_name);
		exit(STATUS_ERROR);
	}
	return job;
}

void
job_override(struct job *job, const char *key, double value)
{
	if (job->override_count == OVERRIDES_MAX) {
		error("too many costs are changed in a run");
		exit(STATUS_ERROR);
	}
	snprintf(job->overrides[job->override_count++], OVERRIDE_BYTES, "%s=%.6g", key, value);
}

/* ---- Side by side ---- */

/* make: the run, in a process of its own. */
static bool
make(struct job *job)
{
	static struct outcome outcome;
	char path[4096];

	snprintf(path, sizeof(path), SIMULATOR_MACHINES "/%s.ini", job->machine);
	if (!machine_read(path))
		return false;
	for (unsigned i = 0; i < job->override_count; i++)
		if (!machine_set(job->overrides[i]))
			return false;
	if (job->run.busy == 0)
		job->run.busy = machine.cpus;
	simulate(&job->run, &outcome.result);
	for (unsigned i = 0; i < job->run.busy && i < READERS_MAX; i++)
		outcome.pages[i] = cpus[simulate_cpu(&job->run, i)].counts.pages;
	outcome.tick = machine.schedule.tick;
	for (unsigned i = 0; i < machine.sockets; i++)
		outcome.memory_mib += (double)machine.memory_mib[i];
	outcome.result.host_seconds = 0;
	job->outcome = outcome;
	return true;
}

static bool
start(struct job *job)
{
	int ends[2];

	fflush(stdout);
	if (pipe(ends) != 0 || (job->pid = worker_fork()) < 0) {
		error("cannot start a run: %s", strerror(errno));
		return false;
	}
	if (job->pid == 0)
		_exit(make(job) && worker_send(ends[1], &job->outcome, sizeof(job->outcome))
				? STATUS_OK
				: STATUS_ERROR);
	close(ends[1]);
	job->pipe = ends[0];
	return true;
}

static bool
finish(struct job *job)
{
	int status;
	bool good = worker_receive(job->pipe, &job->outcome, sizeof(job->outcome));

	close(job->pipe);
	waitpid(job->pid, &status, 0);
	return good && WIFEXITED(status) && WEXITSTATUS(status) == STATUS_OK;
}

bool
jobs_run(const char *what)
{
	struct progress progress;
	unsigned started = 0;
	bool good = true;

	progress_quiet(&progress, what);
	for (unsigned i = 0; i < count; i++) {
		while (good && started < count && started < i + tables_options.jobs)
			good = start(planned[started++]);
		if (i < started)
			good &= finish(planned[i]);
		progress_show(&progress, i + 1, count, "runs");
	}
	progress_clear(&progress);
	return good;
}
