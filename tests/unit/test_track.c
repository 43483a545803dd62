// SPDX-License-Identifier: MIT
/*
 * test_track.c: ranges whose writes and uses are looked for anew. See src/track.c.
 */
#include <unit.h>

static struct host_space *space;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

static void
start(unsigned rules)
{
	unit_start(2, 1, rules);
	space = unit_space(3);
}

static void
track(unsigned what)
{
	struct salvo_gather gather;

	mmu_change_begin(space->salvo.root, 0, PAGE(64));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(64));
	assert_int_equal(salvo_track(&gather, 0, PAGE(64), what), SALVO_OK);
	race_step();
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, 0, PAGE(64));
}

static salvo_pte
entry_at(uintptr_t address)
{
	return mmu_lookup(space->salvo.root, address, NULL);
}

/* Pages of a run are dirty. Expect: all passed on, one flush for all, then each write faults. */
static void
a_run_is_cleaned_with_one_flush(void **state)
{
	(void)state;
	start(0);
	for (unsigned i = 0; i < 40; i++) {
		unit_map(space, PAGE(i), MMU_WRITE);
		assert_true(unit_can_write(1, PAGE(i)));
	}
	track(SALVO_TRACK_DIRTY);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_events(HOST_PAGE_DIRTY), 40);
	for (unsigned i = 0; i < 40; i++) {
		assert_int_equal(entry_at(PAGE(i)) & (MMU_WRITE | MMU_DIRTY), 0);
		assert_false(unit_can_write(1, PAGE(i)));
		assert_true(unit_can_read(1, PAGE(i)));
	}
	unit_assert_clean();
}

/* They are tracked already. Expect: no request. */
static void
what_is_tracked_costs_nothing(void **state)
{
	(void)state;
	start(0);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	track(SALVO_TRACK_DIRTY | SALVO_TRACK_SOFT_DIRTY);
	assert_int_equal(salvo_atomic_load(&space->salvo.gen), 0);
	assert_int_equal(unit_events(HOST_PAGE_DIRTY), 0);
}

/* Only software's bit is to be cleared. Expect: Dirty stays, the next write faults. */
static void
soft_dirty_leaves_dirty(void **state)
{
	(void)state;
	start(0);
	unit_map(space, PAGE(1), MMU_WRITE | MMU_SOFT_DIRTY);
	assert_true(unit_can_write(1, PAGE(1)));
	track(SALVO_TRACK_SOFT_DIRTY);
	assert_int_equal(entry_at(PAGE(1)) & (MMU_WRITE | MMU_DIRTY | MMU_SOFT_DIRTY), MMU_DIRTY);
	assert_int_equal(unit_events(HOST_PAGE_DIRTY), 0);
	assert_false(unit_can_write(1, PAGE(1)));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
}

/* A CPU has the page cached. Expect: its next use is seen; after salvo_age it need not be. */
static void
accessed_is_seen_again(void **state)
{
	(void)state;
	start(0);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	track(SALVO_TRACK_ACCESSED);
	assert_int_equal(entry_at(PAGE(1)) & MMU_ACCESSED, 0);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_true(unit_can_read(1, PAGE(1)));
	assert_int_not_equal(entry_at(PAGE(1)) & MMU_ACCESSED, 0);
	track(SALVO_TRACK_ACCESSED);
	unit_log.count = 0;
	track(SALVO_TRACK_ACCESSED);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
}

/* ---- A store beside it ---- */

static uintptr_t frame, saved;

/* clean_and_save: what write-back does. */
static void
clean_and_save(void)
{
	track(SALVO_TRACK_DIRTY);
	if (salvo_atomic_exchange(&host_pages[frame].dirty, 0) != 0)
		saved = salvo_atomic_load(mmu_frame_memory(frame));
}

static void
write_it(void)
{
	for (unsigned i = 0; i < 4; i++) {
		mmu_add(1, PAGE(1), 1);
		race_step();
	}
}

/* nothing_is_unsaved: the page is as it was saved, or known to be dirty. */
static void
nothing_is_unsaved(void)
{
	race_expect(salvo_atomic_load(mmu_frame_memory(frame)) == saved ||
		    (entry_at(PAGE(1)) & MMU_DIRTY) != 0 ||
		    salvo_atomic_load(&host_pages[frame].dirty) != 0);
}

static unsigned rules;

static void
race_setup(void)
{
	start(rules);
	frame = unit_map(space, PAGE(1), MMU_WRITE);
	saved = 0;
}

static void
race_clean(unsigned with)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, clean_and_save}, {1, write_it}},
		.check = nothing_is_unsaved,
		.speculate = first_page};

	rules = with;
	race_run(&race);
}

/* A CPU writes while the page is cleaned and written out. Expect: nothing is lost. */
static void
no_write_is_lost_where_clean_writes_trap(void **state)
{
	(void)state;
	race_clean(0);
}

static void
no_write_is_lost_where_they_pass(void **state)
{
	(void)state;
	race_clean(MMU_CLEAN_WRITE_PASSES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_run_is_cleaned_with_one_flush),
		cmocka_unit_test(what_is_tracked_costs_nothing),
		cmocka_unit_test(soft_dirty_leaves_dirty),
		cmocka_unit_test(accessed_is_seen_again),
		cmocka_unit_test(no_write_is_lost_where_clean_writes_trap),
		cmocka_unit_test(no_write_is_lost_where_they_pass),
	};

	return UNIT_RUN(tests);
}
