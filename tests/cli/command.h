/* SPDX-License-Identifier: MIT */
/* command.h: run a shell command and keep what it printed. */
#ifndef TESTS_CLI_COMMAND_H
#define TESTS_CLI_COMMAND_H

enum { OUTPUT_BYTES = 32768 };

struct output {
	int status; /* exit status, or 128 and more for a signal */
	char out[OUTPUT_BYTES];
	char err[OUTPUT_BYTES];
};

void command_run(struct output *output, const char *command);
void output_check(const struct output *output, int status, const char *says);
int lines_in(const char *text);

#endif
