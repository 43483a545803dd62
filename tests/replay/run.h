/* SPDX-License-Identifier: MIT */
/* run.h: `replay`, run as a command, and its JSON. Include after <cmocka.h>. */
#ifndef REPLAY_RUN_H
#define REPLAY_RUN_H

#include <jansson.h>
#include <stddef.h>

#include "command.h"

/* A file in memory. */
struct bytes {
	unsigned char *at;
	size_t count;
};

/* replay: with these arguments; what it printed is in a file, since it may be long. */
int replay(const char *arguments, struct output *output, json_t **json);

/* read_plain: a recording of DATA_FOLDER, decompressed. write_bytes: into the working directory. */
struct bytes read_plain(const char *name);
struct bytes read_packed(const char *name);
void write_bytes(const char *name, const struct bytes *bytes, size_t count);

/* enter_folder: an empty working directory for the test. */
int enter_folder(void **state);

#endif
