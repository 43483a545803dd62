// SPDX-License-Identifier: MIT
/*
 * trace.c: a recording, read by a process of its own. What that prints, and how it dies over a
 * damaged file, stays there; the events that it had found by then are here.
 */
#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ftrace.h"
#include "worker.h"

enum { BLOCK_BYTES = 1 << 16, BLOCK_EVENTS = 1 << 10, XZ_MAGIC_BYTES = 6 };

#define LONGER_BYTES ((off_t)1 << 40)

static void tell(struct trace *trace, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* tell: why there is no more. What is found first is the cause of the rest. */
static void
tell(struct trace *trace, const char *format, ...)
{
	va_list arguments;

	if (trace->damage[0] != '\0')
		return;
	va_start(arguments, format);
	vsnprintf(trace->damage, sizeof trace->damage, format, arguments);
	va_end(arguments);
}

/* ---- A copy of the file, decompressed ---- */

static bool
write_all(int file, const unsigned char *bytes, size_t count)
{
	while (count > 0) {
		ssize_t written = write(file, bytes, count);

		if (written < 0)
			return false;
		bytes += written;
		count -= (size_t)written;
	}
	return true;
}

static void
copy_plain(struct trace *trace, FILE *from, int to)
{
	unsigned char block[BLOCK_BYTES];
	size_t count;

	while ((count = fread(block, 1, sizeof block, from)) > 0)
		if (!write_all(to, block, count)) {
			tell(trace, "no room for a copy: %s", strerror(errno));
			return;
		}
	if (ferror(from))
		tell(trace, "cannot be read: %s", strerror(errno));
}

/* copy_xz: what comes before damage is copied. */
static void
copy_xz(struct trace *trace, FILE *from, int to)
{
	lzma_stream stream = LZMA_STREAM_INIT;
	unsigned char in[BLOCK_BYTES], out[BLOCK_BYTES];
	lzma_ret result = lzma_stream_decoder(&stream, (uint64_t)1 << 30, LZMA_CONCATENATED);

	while (result == LZMA_OK) {
		if (stream.avail_in == 0) {
			stream.next_in = in;
			stream.avail_in = fread(in, 1, sizeof in, from);
		}
		stream.next_out = out;
		stream.avail_out = sizeof out;
		result = lzma_code(&stream, stream.avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
		if (!write_all(to, out, sizeof out - stream.avail_out)) {
			tell(trace, "no room for a copy: %s", strerror(errno));
			break;
		}
	}
	lzma_end(&stream);
	if (result == LZMA_BUF_ERROR)
		tell(trace, "the compressed file ends early");
	else if (result == LZMA_MEM_ERROR || result == LZMA_MEMLIMIT_ERROR)
		tell(trace, "no memory to decompress it");
	else if (result != LZMA_STREAM_END)
		tell(trace, "the compressed file is damaged");
}

/* open_copy: a copy that has no name and goes with its descriptor; -1 if there is none. */
static int
open_copy(struct trace *trace, FILE *from)
{
	static const unsigned char xz_magic[XZ_MAGIC_BYTES] = {0xfd, '7', 'z', 'X', 'Z', 0};
	unsigned char magic[XZ_MAGIC_BYTES];
	size_t count = fread(magic, 1, sizeof magic, from);
	FILE *copy = tmpfile();
	int file = copy != NULL ? dup(fileno(copy)) : -1;

	if (copy != NULL)
		fclose(copy);
	rewind(from);
	if (file < 0)
		tell(trace, "no temporary file: %s", strerror(errno));
	else if (count == sizeof magic && memcmp(magic, xz_magic, sizeof magic) == 0)
		copy_xz(trace, from, file);
	else
		copy_plain(trace, from, file);
	return file;
}

/* ---- The process that reads ---- */

/*
 * limit: for a file of so many bytes. A damaged length must not take all memory, nor a damaged loop
 * all time.
 */
static void
limit(off_t bytes)
{
	const rlim_t megabytes = (rlim_t)(bytes >> 20);
	const struct rlimit memory = {
		.rlim_cur = (megabytes * 2 + 512) << 20, .rlim_max = (megabytes * 2 + 512) << 20};
	const struct rlimit seconds = {
		.rlim_cur = megabytes / 4 + 4, .rlim_max = megabytes / 4 + 6};
	const struct rlimit no_core = {0};

	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CPU, &seconds);
	setrlimit(RLIMIT_CORE, &no_core);
}

/* be_reader: the process that reads; its standard output and error are nobody's. */
static void
be_reader(int file, off_t bytes, int output)
{
	int nowhere = open("/dev/null", O_WRONLY);

	if (nowhere < 0)
		_exit(FTRACE_NO_MEMORY);
	limit(bytes);
	dup2(nowhere, STDOUT_FILENO);
	dup2(nowhere, STDERR_FILENO);
	lseek(file, 0, SEEK_SET);
	_exit((int)ftrace_read(file, output));
}

/* keep: an event that came. */
static bool
keep(struct trace *trace, const struct trace_event *event, size_t *room)
{
	if (event->kind == TRACE_NOTHING) {
		trace->cpus = event->cpu;
		trace->lost = event->pages;
		return true;
	}
	if (trace->count == *room) {
		size_t more = *room == 0 ? BLOCK_EVENTS : *room * 2;
		struct trace_event *events = realloc(trace->events, more * sizeof *events);

		if (events == NULL) {
			tell(trace, "no memory for more than %zu events", trace->count);
			return false;
		}
		trace->events = events;
		*room = more;
	}
	trace->events[trace->count++] = *event;
	trace->of_kind[event->kind]++;
	if (event->cpu >= trace->cpus)
		trace->cpus = event->cpu + 1;
	return true;
}

static void
collect(struct trace *trace, FILE *input)
{
	struct trace_event event;
	size_t room = 0;

	while (fread(&event, sizeof event, 1, input) == 1)
		if (!keep(trace, &event, &room))
			return;
}

/* tell_end: how the reading process ended, in words. */
static void
tell_end(struct trace *trace, int status)
{
	static const char *const ends[FTRACE_ENDS] = {
		[FTRACE_UNREADABLE] = "no trace.dat that libtracecmd can read",
		[FTRACE_EMPTY] = "holds no events of any CPU",
		[FTRACE_GARBAGE] = "its data are damaged",
		[FTRACE_NO_MEMORY] = "no memory to read it",
	};

	if (WIFSIGNALED(status))
		tell(trace,
			WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL
				? "damaged: libtracecmd does not come to an end (%s)"
				: "damaged: libtracecmd crashes over it (%s)",
			strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) >= FTRACE_ENDS)
		tell(trace, "damaged: libtracecmd gives up");
	else if (WEXITSTATUS(status) != FTRACE_WHOLE)
		tell(trace, "%s", ends[WEXITSTATUS(status)]);
}

/* read_once: read the copy by a process of its own. */
static void
read_once(struct trace *trace, int file, off_t bytes)
{
	int ends[2], status;
	FILE *input;
	pid_t child;

	if (pipe(ends) != 0) {
		tell(trace, "no pipe: %s", strerror(errno));
		return;
	}
	child = worker_fork();
	if (child == 0) {
		close(ends[0]);
		be_reader(file, bytes, ends[1]);
	}
	close(ends[1]);
	input = fdopen(ends[0], "r");
	if (child > 0 && input != NULL)
		collect(trace, input);
	else
		tell(trace, "no process to read it: %s", strerror(errno));
	if (input != NULL)
		fclose(input);
	while (child > 0 && waitpid(child, &status, 0) != child)
		if (errno != EINTR)
			return;
	if (child > 0)
		tell_end(trace, status);
}

/*
 * read_copy: libtracecmd opens no file that ends before the data which its head announces. As if
 * it went on with zeros, in which there are no events, it can be read up to there.
 */
static void
read_copy(struct trace *trace, int file)
{
	const bool known = trace->damage[0] != '\0';
	const off_t bytes = lseek(file, 0, SEEK_END);

	read_once(trace, file, bytes);
	if (trace->count != 0 || trace->damage[0] == '\0' ||
		ftruncate(file, bytes + LONGER_BYTES) != 0)
		return;
	read_once(trace, file, bytes);
	if (trace->count != 0 && !known)
		snprintf(trace->damage, sizeof trace->damage,
			"the file ends before the data that its head announces");
}

/* ---- The whole of it ---- */

void
trace_read(struct trace *trace, const char *path)
{
	FILE *from = fopen(path, "r");
	struct stat status;
	int copy;

	*trace = (struct trace){.count = 0};
	if (from == NULL || fstat(fileno(from), &status) != 0) {
		tell(trace, "%s", strerror(errno));
	} else if (!S_ISREG(status.st_mode)) {
		tell(trace, "not a regular file");
	} else {
		copy = open_copy(trace, from);
		if (copy >= 0) {
			read_copy(trace, copy);
			close(copy);
		}
	}
	if (from != NULL)
		fclose(from);
}

void
trace_free(struct trace *trace)
{
	free(trace->events);
}
