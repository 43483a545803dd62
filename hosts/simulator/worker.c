// SPDX-License-Identifier: MIT
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "message.h"
#include "worker.h"

pid_t
worker_fork(void)
{
	pid_t parent = getpid(), child = fork();

	/* A parent that ended before prctl sends no signal: the child has another parent by then. */
	if (child == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(STATUS_ERROR);
	return child;
}
