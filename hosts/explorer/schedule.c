// SPDX-License-Identifier: MIT
/*
 * schedule.c: a schedule is a text file: what it is of, then a byte a transition in hexadecimal. It
 * names the build that wrote it, for another one may take other steps.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "schedule.h"

enum { STEPS_MAX = 100000 };

/* build_hash: of the program that runs. */
static uint64_t
build_hash(void)
{
	static uint64_t hash;
	char buffer[1 << 16];
	XXH3_state_t state;
	FILE *self;
	size_t got;

	if (hash != 0)
		return hash;
	XXH3_64bits_reset(&state);
	self = fopen("/proc/self/exe", "rb");
	while (self != NULL && (got = fread(buffer, 1, sizeof buffer, self)) > 0)
		XXH3_64bits_update(&state, buffer, got);
	if (self != NULL)
		fclose(self);
	hash = XXH3_64bits_digest(&state);
	return hash;
}

bool
schedule_save(const char *path, const struct outcome *outcome)
{
	const struct result *result = &outcome->result;
	FILE *file = fopen(path, "w");
	bool good;

	if (file == NULL) {
		error("cannot write %s: %s", path, strerror(errno));
		return false;
	}
	fprintf(file, "salvo schedule 1\nprogram %s\nmemory %s\npreemptions %d\n",
		outcome->listing->program->name, outcome->tso ? "tso" : "sc", outcome->preemptions);
	fprintf(file, "oracle %d %s\nbuild %016" PRIx64 "\nsteps %zu\n", result->oracle,
		result->failure, build_hash(), result->steps);
	for (size_t i = 0; i < result->steps; i++)
		fprintf(file, "%02x%s", result->schedule[i],
			i % 32 == 31 || i + 1 == result->steps ? "\n" : "");
	fprintf(file, "check %016" PRIx64 "\n", XXH3_64bits(result->schedule, result->steps));
	good = ferror(file) == 0;
	if (fclose(file) != 0 || !good) {
		error("cannot write %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

/* read_steps: the bytes, and the hash over them. */
static bool
read_steps(FILE *file, struct result *result)
{
	uint64_t check;

	result->schedule = calloc(result->steps + 1, 1);
	for (size_t i = 0; i < result->steps; i++)
		if (fscanf(file, "%2" SCNx8, &result->schedule[i]) != 1)
			return false;
	return fscanf(file, " check %16" SCNx64, &check) == 1 &&
	       check == XXH3_64bits(result->schedule, result->steps);
}

static bool
read_schedule(FILE *file, const char *path, struct outcome *outcome)
{
	char name[64], memory[4];
	uint64_t build;

	if (fscanf(file,
		    "salvo schedule 1 program %63s memory %3s preemptions %d oracle %d %199[^\n] "
		    "build "
		    "%16" SCNx64 " steps %zu",
		    name, memory, &outcome->preemptions, &outcome->result.oracle,
		    outcome->result.failure, &build, &outcome->result.steps) != 7 ||
		outcome->result.steps > STEPS_MAX || !read_steps(file, &outcome->result))
		return error("%s is not a schedule, or is damaged", path), false;
	if (build != build_hash())
		return error("%s is of another build: search again", path), false;
	outcome->tso = strcmp(memory, "tso") == 0;
	for (const struct listing *l = programs; l->program != NULL; l++)
		if (strcmp(l->program->name, name) == 0)
			outcome->listing = l;
	if (outcome->listing == NULL)
		return error("%s is of a program that is not here: %s", path, name), false;
	return true;
}

bool
schedule_load(const char *path, struct outcome *outcome)
{
	FILE *file = fopen(path, "r");
	bool good;

	if (file == NULL) {
		error("cannot read %s: %s", path, strerror(errno));
		return false;
	}
	good = read_schedule(file, path, outcome);
	fclose(file);
	if (!good)
		free(outcome->result.schedule);
	return good;
}
