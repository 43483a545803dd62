/* SPDX-License-Identifier: MIT */
/* child.h: programs that the command starts. None of them outlives it. */
#ifndef TOOL_CHILD_H
#define TOOL_CHILD_H

#include <stdbool.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int output; /* read end: the child's standard output and error */
};

void child_catch_signals(void);
bool child_start(struct child *child, char *const argv[], int kept);
void child_kill(const struct child *child);
int child_wait(struct child *child);
int child_run(char *const argv[], const char *log);

#endif
