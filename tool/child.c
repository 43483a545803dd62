// SPDX-License-Identifier: MIT
/*
 * child.c: start a program, read what it prints, and be sure that it ends.
 *   1. a child is the leader of a process group of its own, so that what it starts ends with it
 *   2. a signal that ends the command ends that group first
 *   3. a command that is killed outright takes the child with it (PR_SET_PDEATHSIG)
 * The command runs one child at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "message.h"

static const int ending_signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { ENDING_SIGNALS = sizeof ending_signals / sizeof ending_signals[0] };

/* Written by child_start and child_wait with the ending signals blocked; read by end_with_child. */
static volatile sig_atomic_t running_group;

static void
end_with_child(int number)
{
	if (running_group > 0)
		kill(-(pid_t)running_group, SIGKILL);
	signal(number, SIG_DFL);
	raise(number);
}

/* child_catch_signals: from here on, a signal that ends the command ends its child first. */
void
child_catch_signals(void)
{
	struct sigaction action = {.sa_handler = end_with_child};

	sigemptyset(&action.sa_mask);
	for (int i = 0; i < ENDING_SIGNALS; i++)
		sigaction(ending_signals[i], &action, NULL);
}

static void
hold_signals(sigset_t *before)
{
	sigset_t held;

	sigemptyset(&held);
	for (int i = 0; i < ENDING_SIGNALS; i++)
		sigaddset(&held, ending_signals[i]);
	sigprocmask(SIG_BLOCK, &held, before);
}

/*
 * become: the child's side of child_start. Exit status 127 says that the program was not found.
 * => the parent's signals are held; `parent` is its process id
 */
static _Noreturn void
become(char *const argv[], int kept, int output, pid_t parent, const sigset_t *mask)
{
	int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	for (int i = 0; i < ENDING_SIGNALS; i++)
		signal(ending_signals[i], SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (setpgid(0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(126);
	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
		dup2(output, STDERR_FILENO) < 0)
		_exit(126);
	if (kept >= 0 && fcntl(kept, F_SETFD, 0) != 0)
		_exit(126);
	execvp(argv[0], argv);
	_exit(127);
}

/*
 * child_start: runs argv[0], found through PATH, its output into a pipe; the open file `kept`
 * (-1: none) stays open in it.
 * => no other child runs
 * Returns false, with a line on standard error, when no process can be made.
 */
bool
child_start(struct child *child, char *const argv[], int kept)
{
	pid_t parent = getpid();
	int ends[2];
	sigset_t before;

	if (pipe2(ends, O_CLOEXEC) != 0) {
		error("cannot make a pipe: %s", strerror(errno));
		return false;
	}
	hold_signals(&before);
	child->pid = fork();
	if (child->pid == 0)
		become(argv, kept, ends[1], parent, &before);
	if (child->pid > 0) {
		/* Both sides do it, so that the group is there whoever runs first. */
		setpgid(child->pid, child->pid);
		running_group = child->pid;
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(ends[1]);
	child->output = ends[0];
	if (child->pid > 0)
		return true;
	error("cannot start %s: %s", argv[0], strerror(errno));
	close(ends[0]);
	return false;
}

/* child_kill: ends the child and all that it started; child_wait must follow. */
void
child_kill(const struct child *child)
{
	kill(-child->pid, SIGKILL);
}

/* child_wait: waits for the child's end and returns its wait status, -1 if there is none. */
int
child_wait(struct child *child)
{
	sigset_t before;
	siginfo_t ended;
	int status = -1;

	/* Wait without reaping first: the group must exist for as long as the handler may kill it.
	 */
	while (waitid(P_PID, (id_t)child->pid, &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR)
		;
	hold_signals(&before);
	running_group = 0;
	if (waitpid(child->pid, &status, 0) != child->pid)
		status = -1;
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(child->output);
	return status;
}

/* copy_output: what the child prints goes to the file; false if the file cannot be written. */
static bool
copy_output(const struct child *child, int file)
{
	char buffer[4096];
	bool good = true;
	ssize_t got;

	while ((got = read(child->output, buffer, sizeof buffer)) > 0)
		if (write(file, buffer, (size_t)got) != got)
			good = false;
	return good;
}

/*
 * child_run: runs a program to its end, its output into the file `log`.
 * Returns its exit status; 128 and more when a signal ended it; -1 when it could not be run.
 */
int
child_run(char *const argv[], const char *log)
{
	int file = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct child child;
	int status;

	if (file < 0) {
		error("cannot write %s: %s", log, strerror(errno));
		return -1;
	}
	if (!child_start(&child, argv, -1)) {
		close(file);
		return -1;
	}
	if (!copy_output(&child, file))
		say("cannot write all of %s", log);
	close(file);
	status = child_wait(&child);
	if (status < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
