// SPDX-License-Identifier: MIT
/*
 * test_mark_shared.c: a mark that several operations leave their numbers in: none may take
 * another's change for its own, or for flushed. See src/mark.c.
 */
#include <unit.h>

#define TABLE mmu_span(2) /* what a table of pages maps */

static struct host_space *space;

static void
start_with(enum host_marks marks)
{
	unit_start(2, 1, 0);
	host_marks = marks;
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(20), 0);
	unit_map(space, TABLE + PAGE(1), 0);
}

static void
begin(struct salvo_gather *gather, uintptr_t start, uintptr_t end)
{
	mmu_change_begin(space->salvo.root, start, end);
	salvo_gather_begin(gather, &space->salvo, start, end);
}

/*
 * The older of two operations clears a page of a table where the newer has left its number. Expect:
 * the newer one, when it comes back there, does not take the clear for its own.
 */
static void
a_newer_number_hides_no_change(void **state)
{
	struct salvo_gather older, newer;

	(void)state;
	start_with(HOST_TABLE_MARKS);
	assert_true(unit_can_read(1, PAGE(1)));
	begin(&older, 0, 2 * TABLE);
	begin(&newer, 0, TABLE);
	salvo_unmap(&older, TABLE + PAGE(1), TABLE + PAGE(2));
	salvo_unmap(&newer, PAGE(20), PAGE(21));
	salvo_unmap(&older, PAGE(1), PAGE(2));
	salvo_unmap(&newer, 0, PAGE(16));
	salvo_gather_finish(&newer);
	assert_null(mmu_cached(1, PAGE(1)));
	salvo_gather_finish(&older);
	unit_assert_clean();
}

/* ---- A number that hides another ---- */

/* unmap_first: a page that CPU 1 has, not flushed; its number lies open in the table. */
static void
unmap_first(struct salvo_gather *gather)
{
	start_with(HOST_TABLE_MARKS);
	assert_true(unit_can_read(1, PAGE(1)));
	begin(gather, 0, PAGE(16));
	salvo_unmap(gather, PAGE(1), PAGE(2));
}

/* expect_told: whoever finds it clear flushes it. */
static void
expect_told(struct salvo_gather *hidden)
{
	struct salvo_gather gather;

	assert_true(unit_pending(space, PAGE(1)));
	begin(&gather, 0, PAGE(16));
	salvo_unmap(&gather, 0, PAGE(16));
	salvo_gather_finish(&gather);
	assert_null(mmu_cached(1, PAGE(1)));
	salvo_gather_finish(hidden);
	assert_false(unit_pending(space, PAGE(1)));
	unit_assert_clean();
}

/* An unmap writes over the number, and flushes what it cleared. Expect: its own is not noted. */
static void
a_number_that_hides_another_is_not_noted(void **state)
{
	struct salvo_gather hidden, gather;

	(void)state;
	unmap_first(&hidden);
	begin(&gather, PAGE(16), TABLE);
	salvo_unmap(&gather, PAGE(16), TABLE);
	salvo_gather_finish(&gather);
	expect_told(&hidden);
}

/* Reclaim does so. Expect: its own is, for its flush covers what was there. */
static void
a_batch_hides_nothing_that_it_has_not_flushed(void **state)
{
	const uintptr_t index = 2;
	struct salvo_gather hidden;

	(void)state;
	unmap_first(&hidden);
	unit_map_file(space, index, 0);
	host_reclaim(&index, 1);
	assert_false(unit_pending(space, PAGE(1)));
	assert_null(mmu_cached(1, PAGE(1)));
	salvo_gather_finish(&hidden);
	unit_assert_clean();
}

/* The numbers come round to one that was noted. Expect: it is flushed no more. */
static void
a_noted_number_comes_round(void **state)
{
	struct salvo_gather gather;
	uintptr_t number;

	(void)state;
	start_with(HOST_TABLE_MARKS);
	begin(&gather, 0, TABLE);
	salvo_unmap(&gather, PAGE(1), PAGE(2));
	salvo_gather_finish(&gather);
	number = salvo_atomic_load(&space->salvo.begun);
	salvo_atomic_store(&space->salvo.begun, number - 1);
	salvo_atomic_store(&space->salvo.quiet, number - 1);
	begin(&gather, 0, TABLE);
	salvo_unmap(&gather, PAGE(20), PAGE(21));
	assert_true(unit_pending(space, PAGE(20)));
	salvo_gather_finish(&gather);
}

/* ---- A word for tables of different locks ---- */

static const struct salvo_word *awaited;
static struct salvo_gather other;

/* unmap_elsewhere: when the entry is about to be cleared, somebody clears one of another table. */
static void
unmap_elsewhere(const struct salvo_word *word)
{
	unsigned me;

	if (word != awaited)
		return;
	awaited = NULL;
	unit_at_step = NULL;
	me = unit_on(1);
	salvo_unmap(&other, TABLE, TABLE + PAGE(2));
	unit_on(me);
}

/*
 * Between the look at an area's mark and the number that is left there, another operation leaves
 * its own. Expect: it is not overwritten and forgotten.
 */
static void
a_number_written_over_is_met(void **state)
{
	struct salvo_gather gather;

	(void)state;
	start_with(HOST_AREA_MARKS);
	space->areas[0].end = 2 * TABLE;
	assert_true(unit_can_read(1, TABLE + PAGE(1)));
	begin(&other, 0, 2 * TABLE);
	begin(&gather, 0, 2 * TABLE);
	awaited = host_entry(space->salvo.root, PAGE(1), false, NULL);
	unit_at_step = unmap_elsewhere;
	salvo_unmap(&gather, 0, PAGE(16));
	salvo_unmap(&gather, TABLE, TABLE + PAGE(2));
	salvo_gather_finish(&gather);
	assert_null(awaited);
	assert_null(mmu_cached(1, TABLE + PAGE(1)));
	salvo_gather_finish(&other);
	unit_assert_clean();
}

/* ---- Number 0 ---- */

/* The numbers come round. Expect: 0, which means that nobody has changed a table, is left out. */
static void
number_0_is_not_given_out(void **state)
{
	struct salvo_gather gather;

	(void)state;
	start_with(HOST_TABLE_MARKS);
	salvo_atomic_store(&space->salvo.begun, UINTPTR_MAX);
	salvo_atomic_store(&space->salvo.quiet, UINTPTR_MAX);
	begin(&gather, 0, TABLE);
	salvo_unmap(&gather, PAGE(1), PAGE(2));
	assert_true(unit_pending(space, PAGE(2)));
	salvo_gather_finish(&gather);
	assert_false(unit_pending(space, PAGE(2)));
}

/* ---- Huge leaves ---- */

#define HUGE_PAGES ((unsigned)(TABLE / HOST_PAGE))

static const uintptr_t huge_page[] = {2 * 32 * HOST_PAGE, UINTPTR_MAX};
static enum host_marks race_marks;

/* map_huge: in the place of a table that is empty. */
static void
map_huge(uintptr_t address)
{
	uintptr_t first = mmu_frames_take(MMU_PAGE, HUGE_PAGES), table;
	struct salvo_word *entry;
	unsigned level = 2;

	(void)host_entry(space->salvo.root, address, true, NULL);
	for (unsigned i = 0; i < HUGE_PAGES; i++) {
		salvo_atomic_store(&host_pages[first + i].refs, 1);
		salvo_atomic_store(&host_pages[first + i].mapped, 1);
		host_pages[first + i].index = 0;
	}
	table = mmu_frame_in(salvo_atomic_load(
		salvo_port_table(mmu_frame_in(space->salvo.root)) + mmu_index(address, 3)));
	entry = salvo_port_table(table) + mmu_index(address, level);
	mmu_frame_give(mmu_frame_in(salvo_atomic_load(entry)));
	salvo_atomic_store(
		entry, first << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_HUGE | MMU_WRITE);
}

static void
race_setup(void)
{
	start_with(race_marks);
	map_huge(2 * TABLE);
	unit_can_read(0, 2 * TABLE);
	unit_can_read(1, 2 * TABLE);
}

static void
unmap_huge(void)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &space->salvo, 2 * TABLE, 3 * TABLE);
	salvo_unmap(&gather, 2 * TABLE, 3 * TABLE);
	race_step();
	salvo_gather_finish(&gather);
	race_expect(mmu_cached(0, 2 * TABLE) == NULL);
	race_expect(mmu_cached(1, 2 * TABLE) == NULL);
}

static void
move_huge(void)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &space->salvo, 2 * TABLE, 3 * TABLE);
	salvo_move(&gather, 2 * TABLE, 8 * TABLE, TABLE);
	salvo_gather_finish(&gather);
}

static void
race_with(enum host_marks marks, void (*body)(void))
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, unmap_huge}, {1, body}},
		.check = unit_others_poll,
		.speculate = huge_page};

	race_marks = marks;
	race_run(&race);
}

/*
 * Two unmaps of one huge leaf, or one beside its move. Expect: who finds it gone was told under the
 * lock of the table that it was in.
 */
static void
a_huge_leaf_that_is_gone_tells(void **state)
{
	(void)state;
	race_with(HOST_TABLE_MARKS, unmap_huge);
	race_with(HOST_TABLE_MARKS, move_huge);
	race_with(HOST_NO_MARKS, unmap_huge);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_newer_number_hides_no_change),
		cmocka_unit_test(a_number_that_hides_another_is_not_noted),
		cmocka_unit_test(a_batch_hides_nothing_that_it_has_not_flushed),
		cmocka_unit_test(a_noted_number_comes_round),
		cmocka_unit_test(a_number_written_over_is_met),
		cmocka_unit_test(number_0_is_not_given_out),
		cmocka_unit_test(a_huge_leaf_that_is_gone_tells),
	};

	return UNIT_RUN(tests);
}
