// SPDX-License-Identifier: MIT
/*
 * main.c: `bookkeeping rounds` runs each case a fixed number of times, once, for callgrind and for
 * the count of writes; `bookkeeping times SAMPLES` measures how long it takes. A line a case:
 * name, pages, rounds, units of a round, and then the writes, or a time a sample in nanoseconds.
 * `bookkeeping compiler` names what compiled it. bench.py runs this.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

enum { SAMPLES_MOST = 1000, SAMPLE_UNITS = 65536, COUNTED_UNITS = 64 };

static uintptr_t frames_in_order[BENCH_MOST], frames_scattered[BENCH_MOST];

/* The two that callgrind is told of by name, so neither may be inlined or changed. */
void bench_rounds(const struct bench_case *what, const struct bench_work *work, size_t rounds);
void bench_counted(const struct bench_case *what, const struct bench_work *work, size_t rounds);

__attribute__((noinline)) void
bench_rounds(const struct bench_case *what, const struct bench_work *work, size_t rounds)
{
	for (; rounds > 0; rounds--)
		what->round(work);
}

__attribute__((noinline)) void
bench_counted(const struct bench_case *what, const struct bench_work *work, size_t rounds)
{
	bench_rounds(what, work, rounds);
}

/* make_frames: in order, and the same shuffled so that hardly one follows the one before. */
static void
make_frames(void)
{
	uint64_t random = 88172645463325252u;

	for (size_t i = 0; i < BENCH_MOST; i++)
		frames_in_order[i] = frames_scattered[i] = i + 1;
	for (size_t i = BENCH_MOST - 1; i > 0; i--) {
		size_t other;
		uintptr_t frame = frames_scattered[i];

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		other = random % (i + 1);
		frames_scattered[i] = frames_scattered[other];
		frames_scattered[other] = frame;
	}
}

static double
now_ns(void)
{
	struct timespec time;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static size_t
units_of(const struct bench_case *what, size_t pages)
{
	return what->units != 0 ? what->units : pages;
}

/* rounds_of: so many that a case does about `units` of what is counted. */
static size_t
rounds_of(const struct bench_case *what, size_t pages, size_t units)
{
	size_t rounds = units / units_of(what, pages);

	return rounds > 2 ? rounds : 2;
}

/* set_up: everything as it is after a few rounds. */
static struct bench_work
set_up(const struct bench_case *what, size_t pages)
{
	struct bench_work work = {.pages = pages,
		.spaces = what->spaces,
		.frames = what->scattered ? frames_scattered : frames_in_order};

	bench_set_up(what->slots != 0 ? what->slots : 1);
	for (int i = 0; i < 4; i++)
		what->round(&work);
	return work;
}

/* check: no page or chunk was lost. */
static void
check(const struct bench_case *what, size_t pages, size_t rounds)
{
	bool gathers = strncmp(what->name, "gather", 6) == 0;

	if (bench_chunks_lent == 0 && bench_pages_freed == (gathers ? pages * rounds : 0))
		return;
	fprintf(stderr, "bookkeeping: %s %zu: %lu pages freed, %lu chunks kept\n", what->name,
		pages, bench_pages_freed, bench_chunks_lent);
	exit(1);
}

static void
count(const struct bench_case *what, size_t pages)
{
	size_t rounds = rounds_of(what, pages, COUNTED_UNITS);
	struct bench_work work = set_up(what, pages);

	bench_writes = 0;
	bench_pages_freed = 0;
	bench_counted(what, &work, rounds);
	check(what, pages, rounds);
	printf("%s\t%zu\t%zu\t%zu\t%lu\n", what->name, pages, rounds, units_of(what, pages),
		bench_writes);
}

static void
measure(const struct bench_case *what, size_t pages, size_t samples)
{
	size_t rounds = rounds_of(what, pages, SAMPLE_UNITS);
	size_t units = rounds * units_of(what, pages);
	struct bench_work work = set_up(what, pages);

	bench_pages_freed = 0;
	printf("%s\t%zu\t%zu\t%zu", what->name, pages, rounds, units_of(what, pages));
	for (size_t i = 0; i < samples; i++) {
		double before = now_ns();

		bench_rounds(what, &work, rounds);
		printf("\t%.3f", (now_ns() - before) / (double)units);
	}
	printf("\n");
	check(what, pages, rounds * samples);
}

/* every_case: with how many samples, or counted once if 0. */
static int
every_case(size_t samples)
{
	make_frames();
	for (unsigned i = 0; i < bench_case_count; i++)
		for (const size_t *pages = bench_cases[i].pages; *pages != 0; pages++)
			if (samples != 0)
				measure(&bench_cases[i], *pages, samples);
			else
				count(&bench_cases[i], *pages);
	return 0;
}

int
main(int argument_count, char **arguments)
{
	const char *mode = argument_count > 1 ? arguments[1] : "";
	long samples = argument_count == 3 ? strtol(arguments[2], NULL, 10) : 0;

	if (argument_count == 2 && strcmp(mode, "compiler") == 0)
		return puts(COMPILER) == EOF;
	if (argument_count == 2 && strcmp(mode, "rounds") == 0)
		return every_case(0);
	if (strcmp(mode, "times") == 0 && samples > 0 && samples <= SAMPLES_MOST)
		return every_case((size_t)samples);
	fprintf(stderr, "bookkeeping: rounds, compiler, or times and a number from 1 to %d\n",
		SAMPLES_MOST);
	return 2;
}
