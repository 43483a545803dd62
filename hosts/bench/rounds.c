// SPDX-License-Identifier: MIT
/*
 * rounds.c: the rounds that are measured. Each calls the library as a host would that changes its
 * page-table entries itself, and does nothing besides: no entry, no lock, no rmap.
 */
#include "bench.h"

/*
 * gather_table: the pages of one table, or as many of them as there is room for, which are flushed
 * then. Returns how many.
 */
static size_t
gather_table(struct salvo_gather *gather, const uintptr_t *frames, size_t count, uintptr_t start)
{
	size_t done = 0;
	bool room = true;

	while (done < count)
		if (!salvo_gather_page(gather, frames[done++], 1)) {
			room = false;
			break;
		}
	salvo_gather_cleared_range(gather, start, start + done * BENCH_PAGE, SALVO_ARCH_PAGE_SHIFT);
	salvo_gather_remove_rmap(gather);
	if (!room)
		salvo_gather_flush(gather);
	return done;
}

static void
gather_all(const struct bench_work *work, bool marks)
{
	const size_t in_table = BENCH_TABLE / BENCH_PAGE;
	struct salvo_gather gather;

	salvo_gather_begin(
		&gather, &bench_spaces[0], BENCH_BASE, BENCH_BASE + work->pages * BENCH_PAGE);
	for (size_t i = 0; i < work->pages;) {
		size_t left = work->pages - i, to_next = in_table - i % in_table;
		uintptr_t start = BENCH_BASE + i * BENCH_PAGE;

		if (marks)
			salvo_gather_mark(&gather, i / in_table, start);
		i += gather_table(
			&gather, work->frames + i, left < to_next ? left : to_next, start);
	}
	salvo_gather_finish(&gather);
}

static void
round_gather(const struct bench_work *work)
{
	gather_all(work, false);
}

static void
round_gather_marks(const struct bench_work *work)
{
	gather_all(work, true);
}

static void
round_batch(const struct bench_work *work)
{
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	for (size_t i = 0; i < work->pages; i++)
		if (!salvo_batch_cover(&batch, &bench_spaces[0]))
			salvo_batch_beyond(&batch, &bench_spaces[0]);
	salvo_batch_flush(&batch);
}

/* round_batch_spaces: the space of each page is one of several in turn. */
static void
round_batch_spaces(const struct bench_work *work)
{
	const struct salvo_space *last = &bench_spaces[work->spaces - 1];
	struct salvo_space *space = bench_spaces;
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	for (size_t i = 0; i < work->pages; i++) {
		if (!salvo_batch_cover(&batch, space))
			salvo_batch_beyond(&batch, space);
		space = space != last ? space + 1 : bench_spaces;
	}
	salvo_batch_flush(&batch);
}

static void
round_batch_marks(const struct bench_work *work)
{
	struct salvo_space *space = &bench_spaces[0];
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	for (size_t i = 0; i < work->pages; i++) {
		salvo_batch_cover(&batch, space);
		salvo_batch_mark(
			&batch, space, i * BENCH_PAGE / BENCH_TABLE, BENCH_BASE + i * BENCH_PAGE);
	}
	salvo_batch_flush(&batch);
}

/* round_load: away and back, so two loads. */
static void
round_load(const struct bench_work *work)
{
	(void)work;
	salvo_space_load(&bench_spaces[1]);
	salvo_space_load(&bench_spaces[0]);
}

static void
round_lazy(const struct bench_work *work)
{
	(void)work;
	salvo_lazy_enter();
	salvo_lazy_leave();
}

/* round_walk: of the space that the CPU has loaded. */
static void
round_walk(const struct bench_work *work)
{
	(void)work;
	salvo_walk_end(salvo_walk_begin(&bench_spaces[0]));
}

static void
round_walk_marked(const struct bench_work *work)
{
	(void)work;
	salvo_walk_end(salvo_walk_begin(&bench_spaces[1]));
}

static void
round_walk_sync(const struct bench_work *work)
{
	(void)work;
	salvo_walk_sync(&bench_spaces[0]);
}

#define SIZES                                                                                      \
	{                                                                                          \
		1, 32, 512, 8192, 131072                                                           \
	}

const struct bench_case bench_cases[] = {
	{.name = "gather", .round = round_gather, .pages = SIZES},
	{.name = "gather-scattered", .round = round_gather, .pages = SIZES, .scattered = true},
	{.name = "gather-marks", .round = round_gather_marks, .pages = SIZES},
	{.name = "batch", .round = round_batch, .pages = SIZES},
	{.name = "batch-32-spaces", .round = round_batch_spaces, .pages = SIZES, .spaces = 32},
	{.name = "batch-33-spaces", .round = round_batch_spaces, .pages = SIZES, .spaces = 33},
	{.name = "batch-marks", .round = round_batch_marks, .pages = SIZES},
	{.name = "load", .round = round_load, .units = 2, .pages = {1}, .slots = 6},
	{.name = "load-untagged", .round = round_load, .units = 2, .pages = {1}},
	{.name = "lazy", .round = round_lazy, .units = 1, .pages = {1}},
	{.name = "walk", .round = round_walk, .units = 1, .pages = {1}},
	{.name = "walk-marked", .round = round_walk_marked, .units = 1, .pages = {1}},
	{.name = "walk-sync", .round = round_walk_sync, .units = 1, .pages = {1}},
};

const unsigned bench_case_count = sizeof bench_cases / sizeof bench_cases[0];
