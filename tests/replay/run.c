// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

enum { COMMAND_BYTES = 1024 };

int
replay(const char *arguments, struct output *output, json_t **json)
{
	char command[COMMAND_BYTES];

	snprintf(command, sizeof command, "'" SIMULATOR_PATH "' replay %s >out", arguments);
	command_run(output, command);
	if (json != NULL)
		*json = json_load_file("out", 0, NULL);
	return output->status;
}

static struct bytes
read_pipe(const char *command)
{
	struct bytes bytes = {.count = 0};
	FILE *pipe = popen(command, "r");
	size_t room = 0, count = 1;

	assert_non_null(pipe);
	while (count > 0) {
		if (bytes.count == room) {
			room = room * 2 + (1 << 20);
			bytes.at = realloc(bytes.at, room);
			assert_non_null(bytes.at);
		}
		count = fread(bytes.at + bytes.count, 1, room - bytes.count, pipe);
		bytes.count += count;
	}
	assert_int_equal(pclose(pipe), 0);
	return bytes;
}

struct bytes
read_plain(const char *name)
{
	char command[COMMAND_BYTES];

	snprintf(command, sizeof command, "xz -dc '" DATA_FOLDER "/%s.dat.xz'", name);
	return read_pipe(command);
}

struct bytes
read_packed(const char *name)
{
	char command[COMMAND_BYTES];

	snprintf(command, sizeof command, "cat '" DATA_FOLDER "/%s.dat.xz'", name);
	return read_pipe(command);
}

void
write_bytes(const char *name, const struct bytes *bytes, size_t count)
{
	FILE *file = fopen(name, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes->at, 1, count, file), count);
	assert_int_equal(fclose(file), 0);
}

int
enter_folder(void **state)
{
	(void)state;
	return system("rm -rf '" WORK_FOLDER "' && mkdir -p '" WORK_FOLDER "'") ||
	       chdir(WORK_FOLDER);
}
