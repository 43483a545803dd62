// SPDX-License-Identifier: MIT
/*
 * jobs.c: a process for each search. What it finds it leaves in memory that all share; what it
 * prints it leaves in a file without a name, so that tables come out in order.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jobs.h"
#include "message.h"

struct outcome *
jobs_outcomes(size_t count)
{
	struct outcome *outcomes = mmap(NULL, count * sizeof *outcomes, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return outcomes == MAP_FAILED ? NULL : outcomes;
}

/* ---- In the process of a search ---- */

static struct outcome *searching;

static void
note_progress(const struct search_progress *progress)
{
	searching->progress = *progress;
}

static _Noreturn void
run(struct outcome *outcome, void (*work)(struct outcome *outcome), const sigset_t *mask)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (dup2(outcome->printed, STDOUT_FILENO) < 0)
		_exit(STATUS_ERROR);
	searching = outcome;
	search_report = note_progress;
	work(outcome);
	fflush(stdout);
	_exit(STATUS_OK);
}

/* ---- In the process that waits ---- */

static bool
start(struct outcome *outcome, void (*work)(struct outcome *outcome), const sigset_t *mask)
{
	pid_t pid = -1;

	fflush(stdout);
	outcome->printed = memfd_create("printed", MFD_CLOEXEC);
	if (outcome->printed >= 0)
		pid = fork();
	if (pid == 0)
		run(outcome, work, mask);
	if (pid > 0) {
		outcome->pid = pid;
		return true;
	}
	error("cannot start a search: %s", strerror(errno));
	return false;
}

/* reap: searches that have ended since. Returns how many. */
static unsigned
reap(struct outcome *outcomes, size_t count)
{
	unsigned ended = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < count; i++)
			if (outcomes[i].pid == pid) {
				outcomes[i].pid = 0;
				outcomes[i].ended = true;
				outcomes[i].signal = WIFSIGNALED(status) ? WTERMSIG(status)
						     : WEXITSTATUS(status) != STATUS_OK ? SIGABRT
											: 0;
				ended++;
			}
	return ended;
}

static void
print_kept(struct outcome *outcome)
{
	off_t from = 0, size = lseek(outcome->printed, 0, SEEK_END);
	char buffer[4096];
	ssize_t got;

	while (from < size && (got = pread(outcome->printed, buffer, sizeof buffer, from)) > 0) {
		fwrite(buffer, 1, (size_t)got, stdout);
		from += got;
	}
	fflush(stdout);
	close(outcome->printed);
}

bool
jobs_run(struct outcome *outcomes, size_t count, unsigned at_once,
	void (*work)(struct outcome *outcome), void (*done)(const struct outcome *outcome))
{
	const struct timespec second = {.tv_sec = 1};
	size_t started = 0, shown = 0;
	unsigned running_now = 0;
	sigset_t child, mask;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, &mask);
	while (shown < count) {
		for (; running_now < at_once && started < count; running_now++)
			if (!start(&outcomes[started++], work, &mask))
				return false;
		progress_show(outcomes, count);
		if (sigtimedwait(&child, NULL, &second) < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		running_now -= reap(outcomes, count);
		for (; shown < count && outcomes[shown].ended; shown++) {
			progress_hide();
			done(&outcomes[shown]);
			print_kept(&outcomes[shown]);
		}
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	return true;
}
