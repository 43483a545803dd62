// SPDX-License-Identifier: MIT
/*
 * test_move.c: pages get other addresses, and the old ones are gone before anybody can find the
 * pages at the new ones. See src/move.c.
 */
#include <unit.h>

#define TABLE mmu_span(2) /* what a table of pages maps */

static struct host_space *space;
static const uintptr_t old_page[] = {PAGE(1), UINTPTR_MAX};

/* make_table: leave a table of pages for the address, and nothing in it. */
static void
make_table(uintptr_t address)
{
	(void)host_entry(space->salvo.root, address, true, NULL);
}

static void
start(unsigned rules)
{
	unit_start(2, 1, rules);
	space = unit_space(3);
}

static void
setup(void)
{
	start(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
}

static enum salvo_status
move(uintptr_t from, uintptr_t to, uintptr_t size)
{
	struct salvo_gather gather;
	enum salvo_status status;

	mmu_change_begin(space->salvo.root, from, from + size);
	salvo_gather_begin(&gather, &space->salvo, from, from + size);
	status = salvo_move(&gather, from, to, size);
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, from, from + size);
	return status;
}

static salvo_pte
entry_at(uintptr_t address)
{
	return mmu_lookup(space->salvo.root, address, NULL);
}

/* Do entries, holes and the bits of each go along? Expect: all as before, elsewhere. */
static void
entries_go_with_their_bits(void **state)
{
	uintptr_t read, written;

	(void)state;
	setup();
	read = unit_map(space, PAGE(1), MMU_WRITE);
	written = unit_map(space, PAGE(3), MMU_WRITE | MMU_EXEC);
	make_table(TABLE);
	assert_true(unit_can_read(1, PAGE(1)));
	assert_true(unit_can_write(1, PAGE(3)));
	assert_int_equal(move(PAGE(0), TABLE, PAGE(4)), SALVO_OK);
	assert_false(unit_can_read(1, PAGE(1)));
	assert_false(unit_can_read(1, PAGE(3)));
	assert_int_equal(entry_at(TABLE), 0);
	assert_int_equal(entry_at(TABLE + PAGE(1)),
		read << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_WRITE | MMU_ACCESSED);
	assert_int_equal(entry_at(TABLE + PAGE(3)), written << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT |
							    MMU_WRITE | MMU_EXEC | MMU_ACCESSED |
							    MMU_DIRTY);
	assert_int_equal(unit_events(HOST_RMAP_MOVE), 2);
	assert_int_equal(unit_log.events[unit_when(HOST_RMAP_MOVE)].b, PAGE(1));
	assert_int_equal(unit_events(HOST_FREE_PAGE), 0);
	unit_assert_clean();
}

/* How many flushes? Expect: one for each pair of tables, none where nothing was moved. */
static void
one_flush_for_each_pair_of_tables(void **state)
{
	(void)state;
	setup();
	for (unsigned i = 0; i < 64; i++)
		unit_map(space, PAGE(i), 0);
	make_table(4 * TABLE);
	make_table(5 * TABLE);
	make_table(6 * TABLE);
	assert_int_equal(move(0, 4 * TABLE, 2 * TABLE), SALVO_OK);
	assert_int_equal(unit_events(HOST_INTERRUPT), 2);
	assert_int_equal(move(4 * TABLE, 0, 2 * TABLE), SALVO_OK);
	unit_log.count = 0;
	assert_int_equal(move(0, 4 * TABLE + PAGE(8), 2 * TABLE), SALVO_OK);
	assert_int_equal(unit_events(HOST_INTERRUPT), 4);
	for (unsigned i = 0; i < 64; i++)
		assert_true(unit_can_read(1, 4 * TABLE + PAGE(8 + i)));
	unit_log.count = 0;
	assert_int_equal(move(0, 4 * TABLE, 2 * TABLE), SALVO_OK);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	unit_assert_clean();
}

/* Within one table, up and down? Expect: its lock is taken once, so that this ends. */
static void
one_table_is_locked_once(void **state)
{
	uintptr_t frame;

	(void)state;
	setup();
	frame = unit_map(space, PAGE(1), 0);
	assert_int_equal(move(PAGE(0), PAGE(8), PAGE(4)), SALVO_OK);
	assert_int_equal(move(PAGE(8), PAGE(4), PAGE(4)), SALVO_OK);
	assert_int_equal(mmu_frame_in(entry_at(PAGE(5))), frame);
	assert_int_equal(entry_at(PAGE(1)), 0);
}

/* ---- Tables and huge leaves ---- */

/* No table at the destination. Expect: told; what had one is moved, and a second call ends it. */
static void
a_missing_table_is_told(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(0), 0);
	unit_map(space, TABLE, 0);
	make_table(4 * TABLE);
	assert_int_equal(move(0, 4 * TABLE, 4 * TABLE), SALVO_NO_TABLE);
	assert_int_not_equal(entry_at(4 * TABLE), 0);
	assert_int_not_equal(entry_at(TABLE), 0);
	make_table(5 * TABLE);
	assert_int_equal(move(0, 4 * TABLE, 4 * TABLE), SALVO_OK);
	assert_int_not_equal(entry_at(5 * TABLE), 0);
	assert_int_equal(entry_at(TABLE), 0);
	unit_assert_clean();
}

static void
map_huge(uintptr_t address)
{
	uintptr_t frame = mmu_frames_take(MMU_PAGE, 32);
	uintptr_t top = space->salvo.root >> SALVO_ARCH_PAGE_SHIFT;
	struct salvo_word *entry;

	make_table(2 * TABLE); /* and with it the middle one */
	entry = mmu_frame_memory(top);
	entry = mmu_frame_memory(mmu_frame_in(salvo_atomic_load(&entry[0])));
	salvo_atomic_store(&entry[mmu_index(address, 2)],
		frame << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_HUGE);
}

/* A huge leaf. Expect: it goes where it is aligned and nothing hangs; else it stays, and is told. */
static void
a_huge_leaf_goes_whole(void **state)
{
	(void)state;
	setup();
	map_huge(0);
	assert_true(unit_can_read(1, PAGE(7)));
	assert_int_equal(move(0, 4 * TABLE + PAGE(1), TABLE), SALVO_SPLITS_LEAF);
	assert_int_equal(move(0, 2 * TABLE, TABLE), SALVO_SPLITS_LEAF);
	assert_int_equal(move(0, 4 * TABLE, PAGE(8)), SALVO_SPLITS_LEAF);
	assert_true(unit_can_read(1, PAGE(7)));
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_int_equal(move(0, 4 * TABLE, TABLE), SALVO_OK);
	assert_false(unit_can_read(1, PAGE(7)));
	assert_true(unit_can_read(1, 4 * TABLE + PAGE(7)));
	unit_assert_clean();
}

/* ---- Who else works at the new address ---- */

static bool locks_free;

static void
look_at_locks(void)
{
	const uintptr_t addresses[] = {PAGE(1), TABLE + PAGE(1)};

	for (unsigned i = 0; i < 2; i++) {
		uintptr_t table;

		(void)host_entry(space->salvo.root, addresses[i], false, &table);
		if (host_try_lock(host_table_lock(table))) {
			locks_free = true;
			host_unlock(host_table_lock(table));
		}
	}
	unit_others_poll();
}

/* Until when are the tables locked? Expect: both, until every CPU has answered. */
static void
both_locks_are_held_across_the_flush(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(1), MMU_WRITE);
	make_table(TABLE);
	assert_true(unit_can_read(1, PAGE(1)));
	locks_free = false;
	unit_at_relax = look_at_locks;
	assert_int_equal(move(PAGE(0), TABLE, PAGE(4)), SALVO_OK);
	assert_true(unit_log.relaxes > 0);
	assert_false(locks_free);
}

static void
race_setup(void)
{
	setup();
	unit_map(space, PAGE(1), MMU_WRITE);
	make_table(TABLE);
	unit_can_write(1, PAGE(1));
}

static void
move_it(void)
{
	race_expect(move(PAGE(0), TABLE, PAGE(4)) == SALVO_OK);
}

/* truncate_it: take the page away where it is found, and flush no other address. */
static void
truncate_it(void)
{
	struct salvo_gather gather;

	salvo_gather_begin(&gather, &space->salvo, TABLE, TABLE + PAGE(4));
	race_step();
	salvo_unmap(&gather, TABLE, TABLE + PAGE(4));
	salvo_gather_finish(&gather);
	(void)unit_can_write(1, PAGE(1));
}

/* The page is truncated where it has just come to. Expect: nobody uses the freed page. */
static void
a_truncation_at_the_new_address_is_safe(void **state)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, move_it}, {1, truncate_it}},
		.check = unit_others_poll,
		.speculate = old_page};

	(void)state;
	race_run(&race);
}

static void
cross_setup(void)
{
	setup();
	unit_map(space, PAGE(1), 0);
	unit_map(space, TABLE + PAGE(9), 0);
}

static void
move_up(void)
{
	race_expect(move(PAGE(0), TABLE, PAGE(4)) == SALVO_OK);
}

static void
move_down(void)
{
	race_expect(move(TABLE + PAGE(8), PAGE(8), PAGE(4)) == SALVO_OK);
}

static void
both_have_moved(void)
{
	race_expect(entry_at(TABLE + PAGE(1)) != 0 && entry_at(PAGE(1)) == 0);
	race_expect(entry_at(PAGE(9)) != 0 && entry_at(TABLE + PAGE(9)) == 0);
}

/* Two moves between the same tables in both directions. Expect: both end. */
static void
moves_that_cross_end(void **state)
{
	const struct race race = {.setup = cross_setup,
		.actors = {{0, move_up}, {1, move_down}},
		.check = both_have_moved,
		.speculate = old_page};

	(void)state;
	race_run(&race);
}

/* ---- Dirty ---- */

static void
clean_setup(void)
{
	setup();
	unit_map(space, PAGE(1), MMU_WRITE);
	make_table(TABLE);
}

static void
passing_setup(void)
{
	start(MMU_CLEAN_WRITE_PASSES);
	unit_map(space, PAGE(1), MMU_WRITE);
	make_table(TABLE);
}

static void
write_it(void)
{
	for (unsigned i = 0; i < 4; i++) {
		mmu_add(1, PAGE(1), 1);
		race_step();
	}
}

static void
what_was_written_is_dirty(void)
{
	salvo_pte pte = entry_at(TABLE + PAGE(1));
	uintptr_t *memory = mmu_frame_memory(mmu_frame_in(pte));

	race_expect(*memory == 0 || (pte & MMU_DIRTY) != 0);
}

static void
race_move(void (*prepare)(void))
{
	const struct race race = {.setup = prepare,
		.actors = {{0, move_it}, {1, write_it}},
		.check = what_was_written_is_dirty,
		.speculate = old_page};

	race_run(&race);
}

/* A CPU writes to a page while it moves. Expect: its new entry is dirty if a write got through. */
static void
no_write_is_lost_where_clean_writes_trap(void **state)
{
	(void)state;
	race_move(clean_setup);
}

static void
no_write_is_lost_where_they_pass(void **state)
{
	(void)state;
	race_move(passing_setup);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_go_with_their_bits),
		cmocka_unit_test(one_flush_for_each_pair_of_tables),
		cmocka_unit_test(one_table_is_locked_once),
		cmocka_unit_test(a_missing_table_is_told),
		cmocka_unit_test(a_huge_leaf_goes_whole),
		cmocka_unit_test(both_locks_are_held_across_the_flush),
		cmocka_unit_test(a_truncation_at_the_new_address_is_safe),
		cmocka_unit_test(moves_that_cross_end),
		cmocka_unit_test(no_write_is_lost_where_clean_writes_trap),
		cmocka_unit_test(no_write_is_lost_where_they_pass),
	};

	return UNIT_RUN(tests);
}
