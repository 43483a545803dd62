// SPDX-License-Identifier: MIT
/*
 * timeline.c: one process, a thread for each CPU, a span for each stretch of time that went to one
 * thing, an arrow for each interrupt. Times in microseconds, as the format has them. It is written
 * beside the file, and gets that name when it is whole.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "cpu.h"
#include "message.h"
#include "report.h"
#include "timeline.h"

enum { PATH_BYTES = 4096 };

static FILE *file;
static const char *path_of_file;
static char path_of_part[PATH_BYTES];
static bool first;
static uint64_t arrows;

bool
timeline_open(const char *path)
{
	snprintf(path_of_part, sizeof(path_of_part), "%s.%ld", path, (long)getpid());
	file = fopen(path_of_part, "w");
	if (file == NULL) {
		error("%s: %s", path, strerror(errno));
		return false;
	}
	path_of_file = path;
	first = true;
	arrows = 0;
	fputs("{\"displayTimeUnit\": \"ns\", \"traceEvents\": [", file);
	return true;
}

bool
timeline_close(void)
{
	bool good;

	fputs("\n]}\n", file);
	good = !ferror(file);
	good &= fclose(file) == 0;
	file = NULL;
	good = good && rename(path_of_part, path_of_file) == 0;
	if (!good) {
		error("%s: %s", path_of_file, strerror(errno));
		unlink(path_of_part);
	}
	return good;
}

/* begin: of one event: name, kind, CPU and time. */
static void
begin(const char *name, char kind, unsigned cpu, uint64_t time)
{
	fprintf(file,
		"%s\n{\"name\": \"%s\", \"cat\": \"cpu\", \"ph\": \"%c\", \"pid\": 0, \"tid\": %u, "
		"\"ts\": %" PRIu64 ".%06" PRIu64,
		first ? "" : ",", name, kind, cpu, time / 1000000, time % 1000000);
	first = false;
}

void
timeline_span(const struct cpu *cpu, uint64_t until)
{
	uint64_t length = until - cpu->since;

	if (file == NULL || cpu->where == IDLE)
		return;
	begin(where_names[cpu->where], 'X', (unsigned)(cpu - cpus), cpu->since);
	fprintf(file, ", \"dur\": %" PRIu64 ".%06" PRIu64 "}", length / 1000000, length % 1000000);
}

void
timeline_interrupt(unsigned from, unsigned to, uint64_t sent, uint64_t arrival)
{
	if (file == NULL)
		return;
	begin("interrupt", 's', from, sent);
	fprintf(file, ", \"id\": %" PRIu64 "}", arrows);
	begin("interrupt", 'f', to, arrival);
	fprintf(file, ", \"bp\": \"e\", \"id\": %" PRIu64 "}", arrows++);
}
