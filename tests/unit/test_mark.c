// SPDX-License-Identifier: MIT
/*
 * test_mark.c: who flushes for somebody else, with a mark for each space, table or area. See
 * src/mark.c. What is counted: requests, as a space numbers them.
 */
#include <unit.h>

#define TABLE mmu_span(2) /* what a table of pages maps */

static struct host_space *space;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

static void
start_with(enum host_marks marks, unsigned rules)
{
	unit_start(2, 1, rules);
	host_marks = marks;
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(20), 0);
	unit_map(space, TABLE + PAGE(1), 0);
}

/* begin_unmap: clear a page, and go no further. */
static void
begin_unmap(struct salvo_gather *gather, uintptr_t address)
{
	mmu_change_begin(space->salvo.root, address, address + HOST_PAGE);
	salvo_gather_begin(gather, &space->salvo, address, address + HOST_PAGE);
	salvo_unmap(gather, address, address + HOST_PAGE);
}

/* begin_reclaim: the same by rmap, of the file's page 1. */
static void
begin_reclaim(struct salvo_batch *batch)
{
	uintptr_t frame = unit_map_file(space, 1, 0);

	salvo_batch_begin(batch);
	salvo_atomic_add(&host_pages[frame].refs, 1);
	host_self()->reclaiming = true;
	salvo_reclaim(batch, &frame, 1);
	host_self()->reclaiming = false;
}

/* protect: how many requests it needs to take away write permission. */
static uintptr_t
protect(uintptr_t start, uintptr_t end)
{
	uintptr_t before = salvo_atomic_load(&space->salvo.gen);
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &space->salvo, start, end);
	salvo_protect(&gather, start, end, 0);
	salvo_gather_finish(&gather);
	return salvo_atomic_load(&space->salvo.gen) - before;
}

/* ---- What is saved ---- */

/* two_areas: in one table, and a third in the next. */
static void
two_areas(void)
{
	space->areas[0].end = space->areas[1].start = PAGE(16);
	space->areas[1].end = space->areas[2].start = TABLE;
	space->areas[2].end = 2 * TABLE;
}

/*
 * Somebody unmaps; a protect finds its work done. Expect: with a mark a space it flushes wherever
 * it is; with one a table, or an area, only there.
 */
static void
a_protect_elsewhere_is_free(void **state)
{
	static const uintptr_t expected[3][3] = {{1, 1, 1}, {1, 1, 0}, {1, 0, 0}};
	const uintptr_t where[] = {PAGE(0), PAGE(16), TABLE};

	(void)state;
	for (unsigned marks = HOST_NO_MARKS; marks <= HOST_AREA_MARKS; marks++)
		for (unsigned i = 0; i < 3; i++) {
			struct salvo_gather gather;
			uintptr_t flushes;

			start_with((enum host_marks)marks, 0);
			two_areas();
			begin_unmap(&gather, PAGE(1));
			flushes = protect(where[i], where[i] + PAGE(16));
			print_message("# marks %u, place %u: %u\n", marks, i, (unsigned)flushes);
			assert_int_equal(flushes, expected[marks][i]);
			salvo_gather_finish(&gather);
			assert_int_equal(protect(0, PAGE(16)), 0);
		}
}

/* Reclaim has not flushed. Expect: the same, of the tables where it unmapped. */
static void
a_protect_beside_reclaim_is_free(void **state)
{
	static const uintptr_t expected[] = {1, 0, 0};

	(void)state;
	for (unsigned marks = HOST_NO_MARKS; marks <= HOST_AREA_MARKS; marks++) {
		struct salvo_batch batch;

		start_with((enum host_marks)marks, 0);
		two_areas();
		begin_reclaim(&batch);
		assert_int_equal(protect(TABLE, 2 * TABLE), expected[marks]);
		assert_int_equal(protect(0, PAGE(16)), 1);
		salvo_batch_flush(&batch);
		assert_int_equal(protect(0, PAGE(16)), 0);
	}
}

/*
 * An operation stays open, so that there is no quiet moment. Expect: what others have flushed since
 * is known to be, of a gather and of a batch.
 */
static void
what_is_flushed_is_noted(void **state)
{
	struct salvo_gather open, gather;
	struct salvo_batch batch;

	(void)state;
	start_with(HOST_TABLE_MARKS, 0);
	begin_unmap(&open, PAGE(1));
	begin_unmap(&gather, TABLE + PAGE(1));
	assert_int_equal(protect(TABLE, 2 * TABLE), 1);
	salvo_gather_finish(&gather);
	assert_int_equal(protect(TABLE, 2 * TABLE), 0);
	salvo_gather_finish(&open);
	start_with(HOST_TABLE_MARKS, 0);
	begin_unmap(&open, TABLE + PAGE(1));
	begin_reclaim(&batch);
	assert_int_equal(protect(0, PAGE(16)), 1);
	salvo_batch_flush(&batch);
	assert_int_equal(protect(0, PAGE(16)), 0);
	salvo_gather_finish(&open);
}

/* An unmap has something to flush itself. Expect: with marks that alone, not its whole range. */
static void
a_flush_is_no_wider_than_needed(void **state)
{
	(void)state;
	for (unsigned marks = HOST_NO_MARKS; marks <= HOST_TABLE_MARKS; marks++) {
		struct salvo_gather gather, foreign;

		start_with((enum host_marks)marks, 0);
		begin_unmap(&foreign, PAGE(1));
		salvo_gather_begin(&gather, &space->salvo, TABLE, 2 * TABLE);
		salvo_unmap(&gather, TABLE, 2 * TABLE);
		salvo_gather_finish(&gather);
		assert_int_equal(
			unit_stat(1, nr_tlb_local_flush_one), marks == HOST_NO_MARKS ? 0 : 1);
		assert_int_equal(
			unit_stat(1, nr_tlb_local_flush_all), marks == HOST_NO_MARKS ? 1 : 0);
		salvo_gather_finish(&foreign);
	}
}

/* ---- What is asked ---- */

/* What does a fault handler hear? Expect: of a table yes or no, as long as it is not flushed. */
static void
an_entry_tells(void **state)
{
	struct salvo_gather gather;

	(void)state;
	start_with(HOST_TABLE_MARKS, 0);
	assert_false(unit_pending(space, PAGE(1)));
	begin_unmap(&gather, PAGE(1));
	assert_true(unit_pending(space, PAGE(2)));
	assert_false(unit_pending(space, TABLE));
	salvo_gather_finish(&gather);
	assert_false(unit_pending(space, PAGE(2)));
	start_with(HOST_NO_MARKS, 0);
	begin_unmap(&gather, PAGE(1));
	assert_true(unit_pending(space, TABLE));
	salvo_gather_finish(&gather);
	assert_false(unit_pending(space, TABLE));
}

/* A host requests, and has not completed. Expect: that may be anywhere. */
static void
a_request_without_a_mark_is_anywhere(void **state)
{
	const struct salvo_range range = {
		.start = PAGE(1), .end = PAGE(2), .stride_shift = SALVO_ARCH_PAGE_SHIFT};
	uintptr_t gen;

	(void)state;
	start_with(HOST_TABLE_MARKS, 0);
	gen = salvo_request(&space->salvo, &range);
	assert_true(unit_pending(space, TABLE));
	assert_int_equal(protect(TABLE, 2 * TABLE), 1);
	salvo_complete(&space->salvo, gen, false);
	assert_false(unit_pending(space, TABLE));
}

/*
 * A host's request, complete; then more of marked changes than narrow counters count, flushed too.
 * Expect: it is not taken for one that is still to come.
 */
static void
a_request_without_a_mark_is_over(void **state)
{
	(void)state;
	start_with(HOST_TABLE_MARKS, 0);
	salvo_flush_page(&space->salvo, PAGE(3));
	for (unsigned i = 0; i < 24; i++) {
		struct salvo_gather gather;

		unit_map(space, PAGE(2), 0);
		begin_unmap(&gather, PAGE(2));
		salvo_gather_finish(&gather);
		assert_false(unit_pending(space, TABLE));
	}
}

/*
 * Many operations overlap, more than half of what narrow counters count, with no quiet moment.
 * Expect: what is not flushed is told all the same, and after a quiet moment too.
 */
static void
numbers_may_come_round(void **state)
{
	struct salvo_gather first, second;

	(void)state;
	start_with(HOST_TABLE_MARKS, 0);
	for (unsigned i = 0; i < 24; i++) {
		unit_map(space, PAGE(2), 0);
		begin_unmap(i % 2 == 0 ? &first : &second, PAGE(2));
		if (i != 0)
			salvo_gather_finish(i % 2 == 0 ? &second : &first);
		assert_true(unit_pending(space, PAGE(2)));
	}
	salvo_gather_finish(&second);
	protect(TABLE, 2 * TABLE);
	begin_unmap(&first, PAGE(1));
	assert_true(unit_pending(space, PAGE(2)));
	salvo_gather_finish(&first);
}

/*
 * More than half of what narrow counters count overlap, without a quiet moment; then, until they
 * have come round, there is one after each. Expect: what is not flushed is told all the same.
 */
static void
numbers_come_round_after_quiet_moments(void **state)
{
	struct salvo_gather first, second;

	(void)state;
	start_with(HOST_TABLE_MARKS, 0);
	for (unsigned i = 0; i < 20; i++) {
		unit_map(space, PAGE(2), 0);
		begin_unmap(i % 2 == 0 ? &first : &second, PAGE(2));
		if (i != 0)
			salvo_gather_finish(i % 2 == 0 ? &second : &first);
	}
	salvo_gather_finish(&second);
	for (unsigned i = 20; i < 30; i++) {
		unit_map(space, PAGE(2), 0);
		begin_unmap(&first, PAGE(2));
		salvo_gather_finish(&first);
		assert_false(unit_pending(space, PAGE(2)));
	}
	begin_unmap(&first, PAGE(1));
	unit_map(space, TABLE + PAGE(2), 0);
	begin_unmap(&second, TABLE + PAGE(2));
	assert_true(unit_pending(space, PAGE(2)));
	salvo_gather_finish(&second);
	assert_true(unit_pending(space, PAGE(2)));
	salvo_gather_finish(&first);
	assert_false(unit_pending(space, PAGE(2)));
}

/* A table was unlinked. Expect: who finds none there flushes, if that was not. */
static void
a_table_that_is_gone_tells(void **state)
{
	struct salvo_gather gather;

	(void)state;
	start_with(HOST_TABLE_MARKS, 0);
	unit_map(space, 4 * TABLE, 0);
	salvo_gather_begin(&gather, &space->salvo, 0, TABLE);
	salvo_unmap(&gather, 0, TABLE);
	salvo_free_tables(&gather, 0, TABLE);
	assert_int_equal(protect(0, PAGE(16)), 1);
	assert_int_equal(protect(0, 5 * TABLE), 1);
	assert_int_equal(protect(4 * TABLE, 5 * TABLE), 0);
	salvo_gather_finish(&gather);
	assert_int_equal(protect(0, PAGE(16)), 0);
}

/* ---- Races ---- */

static void
race_setup(void)
{
	start_with(HOST_TABLE_MARKS, 0);
	unit_can_read(0, PAGE(1));
	unit_can_read(1, PAGE(1));
}

static void
nobody_has_it(void)
{
	race_expect(mmu_cached(0, PAGE(1)) == NULL);
	race_expect(mmu_cached(1, PAGE(1)) == NULL);
}

static void
unmap_it(void)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(4));
	salvo_unmap(&gather, 0, PAGE(4));
	race_step();
	salvo_gather_finish(&gather);
	nobody_has_it();
}

/* look_elsewhere_then_unmap: a mark that is lowered, maybe as the last one, then the page. */
static void
look_elsewhere_then_unmap(void)
{
	(void)protect(TABLE, 2 * TABLE);
	unmap_it();
}

/* Two CPUs unmap the same page. Expect: when either returns no TLB has it. */
static void
finding_it_clear_promises_absence(void **state)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, unmap_it}, {1, unmap_it}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

/* One of them has lowered a mark just before. Expect: the same, for it took no ticket for flushed.
 */
static void
a_ticket_is_not_quiet_before_its_flush(void **state)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, look_elsewhere_then_unmap}, {1, unmap_it}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
file_setup(void)
{
	unit_start(2, 1, 0);
	host_marks = HOST_TABLE_MARKS;
	space = unit_space(3);
	unit_map_file(space, 1, 0);
	unit_can_read(0, PAGE(1));
	unit_can_read(1, PAGE(1));
}

static void
reclaim_it(void)
{
	const uintptr_t index = 1;

	host_reclaim(&index, 1);
}

/* Reclaim has cleared it. Expect: an unmap that finds it clear returns after it is flushed. */
static void
an_unmap_beside_reclaim_flushes(void **state)
{
	const struct race race = {.setup = file_setup,
		.actors = {{0, reclaim_it}, {1, unmap_it}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_protect_elsewhere_is_free),
		cmocka_unit_test(a_protect_beside_reclaim_is_free),
		cmocka_unit_test(what_is_flushed_is_noted),
		cmocka_unit_test(a_flush_is_no_wider_than_needed),
		cmocka_unit_test(an_entry_tells),
		cmocka_unit_test(a_request_without_a_mark_is_anywhere),
		cmocka_unit_test(a_request_without_a_mark_is_over),
		cmocka_unit_test(numbers_may_come_round),
		cmocka_unit_test(numbers_come_round_after_quiet_moments),
		cmocka_unit_test(a_table_that_is_gone_tells),
		cmocka_unit_test(finding_it_clear_promises_absence),
		cmocka_unit_test(a_ticket_is_not_quiet_before_its_flush),
		cmocka_unit_test(an_unmap_beside_reclaim_flushes),
	};

	return UNIT_RUN(tests);
}
