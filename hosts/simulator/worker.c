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

bool
worker_send(int to, const void *bytes, size_t length)
{
	while (length != 0) {
		ssize_t written = write(to, bytes, length);

		if (written <= 0)
			return false;
		bytes = (const char *)bytes + written;
		length -= (size_t)written;
	}
	return true;
}

bool
worker_receive(int from, void *bytes, size_t length)
{
	while (length != 0) {
		ssize_t got = read(from, bytes, length);

		if (got <= 0)
			return false;
		bytes = (char *)bytes + got;
		length -= (size_t)got;
	}
	return true;
}
