// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

static void
read_back(char text[OUTPUT_BYTES], FILE *file)
{
	size_t length;

	rewind(file);
	length = fread(text, 1, OUTPUT_BYTES - 1, file);
	text[length] = '\0';
}

/* command_run: through the shell, standard input empty. */
void
command_run(struct output *output, const char *command)
{
	FILE *out = tmpfile(), *err = tmpfile();
	char line[2048];
	int status;

	assert_non_null(out);
	assert_non_null(err);
	snprintf(line, sizeof line, "{ %s\n} </dev/null >&%d 2>&%d", command, fileno(out),
		fileno(err));
	status = system(line);
	output->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	read_back(output->out, out);
	read_back(output->err, err);
	fclose(out);
	fclose(err);
}

/* output_check: fails the test, and shows the output, unless it ended so and said that. */
void
output_check(const struct output *output, int status, const char *says)
{
	if (output->status == status && strstr(output->err, says))
		return;
	for (const char *line = output->err; *line; line += strspn(line, "\n")) {
		int length = (int)strcspn(line, "\n");

		print_message("# %.*s\n", length, line);
		line += length;
	}
	fail_msg("status %d, expected %d and '%s'", output->status, status, says);
}

int
lines_in(const char *text)
{
	int lines = 0;

	for (; *text; text++)
		lines += *text == '\n';
	return lines;
}
