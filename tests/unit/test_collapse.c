// SPDX-License-Identifier: MIT
/*
 * test_collapse.c: a table of pages becomes one huge leaf. See src/collapse.c.
 */
#include <unit.h>

#define TABLE mmu_span(2)

static struct host_space *space;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};
static uintptr_t huge; /* its first frame */
static bool refused;

static void
start(unsigned rules)
{
	unit_start(2, 1, rules);
	space = unit_space(3);
	huge = 0;
	refused = false;
}

static salvo_pte
entry_at(uintptr_t address)
{
	return mmu_lookup(space->salvo.root, address, NULL);
}

/* copy_pages: into a new huge page; or nothing, if it is refused. */
static salvo_pte
copy_pages(const struct salvo_word *entries, void *context)
{
	salvo_pte dirty = 0;

	(void)context;
	if (refused)
		return 0;
	if (huge == 0)
		huge = mmu_frames_take(MMU_PAGE, 32);
	for (unsigned i = 0; i < 32; i++) {
		salvo_pte pte = salvo_atomic_load(&entries[i]);

		salvo_atomic_store(&host_pages[huge + i].mapped, 1);
		if (!salvo_arch_pte_present(pte) || mmu_frame_in(pte) == huge + i)
			continue;
		dirty |= pte & MMU_DIRTY;
		salvo_atomic_store(mmu_frame_memory(huge + i),
			salvo_atomic_load(mmu_frame_memory(mmu_frame_in(pte))));
	}
	return huge << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_WRITE | MMU_HUGE | dirty;
}

static enum salvo_status
collapse(uintptr_t address)
{
	struct salvo_gather gather;
	enum salvo_status status;

	mmu_change_begin(space->salvo.root, address, address + TABLE);
	salvo_gather_begin(&gather, &space->salvo, address, address + TABLE);
	status = salvo_collapse(&gather, address, copy_pages, NULL);
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, address, address + TABLE);
	return status;
}

/* Pages are copied. Expect: one flush, the content there, the pages and the table freed after. */
static void
a_table_becomes_a_leaf(void **state)
{
	uintptr_t value;
	unsigned level;

	(void)state;
	start(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	for (unsigned i = 0; i < 20; i++)
		salvo_atomic_store(mmu_frame_memory(unit_map(space, PAGE(i), MMU_WRITE)), i + 1);
	assert_true(unit_can_read(1, PAGE(3)));
	assert_int_equal(collapse(0), SALVO_OK);
	assert_int_not_equal(mmu_lookup(space->salvo.root, PAGE(3), &level), 0);
	assert_int_equal(level, 2);
	assert_true(mmu_read(1, PAGE(3), &value));
	assert_int_equal(value, 4);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 20);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 1);
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_FREE_PAGE));
	unit_assert_clean();
}

/* They lie in the huge page already. Expect: none is freed. */
static void
pages_in_place_stay(void **state)
{
	(void)state;
	start(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	huge = mmu_frames_take(MMU_PAGE, 32);
	for (unsigned i = 0; i < 32; i++)
		host_map(space, PAGE(i), huge + i, MMU_WRITE);
	assert_int_equal(collapse(0), SALVO_OK);
	assert_true(unit_can_write(1, PAGE(31)));
	assert_int_equal(unit_events(HOST_FREE_PAGE), 0);
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 0);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 1);
	unit_assert_clean();
}

/* The host refuses, or there is no table. Expect: everything as it was; told. */
static void
what_is_refused_stays(void **state)
{
	salvo_pte before;

	(void)state;
	start(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	unit_map(space, PAGE(1), MMU_WRITE);
	assert_true(unit_can_write(1, PAGE(1)));
	before = entry_at(PAGE(1));
	refused = true;
	assert_int_equal(collapse(0), SALVO_OK);
	assert_int_equal(entry_at(PAGE(1)), before);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 0);
	refused = false;
	assert_int_equal(collapse(TABLE), SALVO_NO_TABLE);
	assert_int_equal(collapse(0), SALVO_OK);
	assert_int_equal(collapse(0), SALVO_NO_TABLE);
	unit_assert_clean();
}

/* No memory for the gather. Expect: all pages freed once, some flushes earlier. */
static void
refused_memory_loses_nothing(void **state)
{
	(void)state;
	start(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	salvo_atomic_store(&host_chunks_left, 0);
	for (unsigned i = 0; i < 32; i++)
		unit_map(space, PAGE(i), MMU_WRITE);
	assert_int_equal(collapse(0), SALVO_OK);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 32);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 1);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	unit_assert_clean();
}

/* A CPU is lazy. Expect: it is asked, as for any table that is freed. */
static void
lazy_cpus_leave_the_table(void **state)
{
	(void)state;
	start(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	unit_lazy(1, true);
	assert_int_equal(collapse(0), SALVO_OK);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	mmu_walk_check(1);
	unit_assert_clean();
}

/* ---- A CPU beside it ---- */

static uintptr_t stored;
static unsigned rules;

static void
race_setup(void)
{
	start(rules);
	huge = mmu_frames_take(MMU_PAGE, 32);
	unit_map(space, PAGE(1), MMU_WRITE);
	unit_can_read(1, PAGE(1));
	stored = 0;
}

static void
collapse_it(void)
{
	race_expect(collapse(0) == SALVO_OK);
}

static void
write_it(void)
{
	for (unsigned i = 0; i < 3; i++) {
		stored += mmu_add(1, PAGE(1), 1);
		race_step();
	}
}

static void
every_store_is_there(void)
{
	uintptr_t value = 0;

	race_expect(mmu_read(0, PAGE(1), &value));
	race_expect(value == stored);
	race_expect(stored == 0 || (entry_at(PAGE(1)) & MMU_DIRTY) != 0);
}

static void
race_collapse(unsigned with, const uintptr_t *speculate)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, collapse_it}, {1, write_it}},
		.check = every_store_is_there,
		.speculate = speculate};

	rules = with;
	race_run(&race);
}

/* A CPU stores while its table goes. Expect: each store that got through is in the huge page. */
static void
no_store_goes_to_an_old_page(void **state)
{
	(void)state;
	race_collapse(MMU_CACHES_UPPER | MMU_KEEPS_UPPER, first_page);
}

/* It has the page alone cached, and sets Dirty late. Expect: the same, and the leaf is dirty. */
static void
no_dirty_is_lost_where_writes_pass(void **state)
{
	(void)state;
	race_collapse(MMU_CLEAN_WRITE_PASSES, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_becomes_a_leaf),
		cmocka_unit_test(pages_in_place_stay),
		cmocka_unit_test(what_is_refused_stays),
		cmocka_unit_test(refused_memory_loses_nothing),
		cmocka_unit_test(lazy_cpus_leave_the_table),
		cmocka_unit_test(no_store_goes_to_an_old_page),
		cmocka_unit_test(no_dirty_is_lost_where_writes_pass),
	};

	return UNIT_RUN(tests);
}
