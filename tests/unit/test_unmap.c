// SPDX-License-Identifier: MIT
/*
 * test_unmap.c: entries, then pages, then tables. See src/unmap.c and src/walk.c.
 */
#include <unit.h>

#define HUGE_PAGE mmu_span(2)

static struct host_space *space;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

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
unmap(uintptr_t start, uintptr_t end)
{
	struct salvo_gather gather;
	enum salvo_status status;

	mmu_change_begin(space->salvo.root, start, end);
	salvo_gather_begin(&gather, &space->salvo, start, end);
	status = salvo_unmap(&gather, start, end);
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, start, end);
	return status;
}

/* Are just the entries of the range cleared, their pages freed once? Expect: the middle third. */
static void
a_range_is_unmapped(void **state)
{
	(void)state;
	setup();
	for (unsigned i = 24; i < 48; i++) {
		unit_map(space, PAGE(i), 0);
		assert_true(unit_can_read(1, PAGE(i)));
	}
	assert_int_equal(unmap(PAGE(30), PAGE(42)), SALVO_OK);
	for (unsigned i = 24; i < 48; i++)
		assert_int_equal(unit_can_read(1, PAGE(i)), i < 30 || i >= 42);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 12);
	unit_assert_clean();
}

/* Holes as large as a table, and a middle table: does a walk pass over them? Expect: both ends go.
 */
static void
holes_are_passed_over(void **state)
{
	const uintptr_t far = 5 * mmu_span(3) + PAGE(7);

	(void)state;
	setup();
	unit_map(space, PAGE(0), 0);
	unit_map(space, far, 0);
	assert_int_equal(unmap(0, MMU_KERNEL_BASE), SALVO_OK);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 2);
	assert_int_equal(mmu_lookup(space->salvo.root, far, NULL), 0);
}

/* ---- Dirty ---- */

/* frame_of_file: a page of the file, written by CPU 1. */
static uintptr_t
written_file_page(void)
{
	uintptr_t frame = unit_map_file(space, 1, MMU_WRITE);

	unit_can_write(1, PAGE(1));
	return frame;
}

/*
 * A page of a file is dirty: when may its rmap go? Expect: passed on, then flushed, then removed:
 * who finds no mapping may write the page out, and a store must not come after that.
 */
static void
dirty_pages_are_flushed_before_rmap_goes(void **state)
{
	uintptr_t frame;

	(void)state;
	setup();
	frame = written_file_page();
	unmap(PAGE(0), PAGE(4));
	assert_int_equal(unit_log.events[unit_when(HOST_PAGE_DIRTY)].a, frame);
	assert_true(unit_when(HOST_PAGE_DIRTY) < unit_when(HOST_INTERRUPT));
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_RMAP_REMOVE));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(salvo_atomic_load(&host_pages[frame].dirty), 1);
}

/*
 * Write-back takes the mark of a page, and writes it out, between an unmap's clear and its flush;
 * another CPU stores through the old entry after. Expect: the page is dirty when its rmap is gone.
 */
static uintptr_t taken_frame;

static void
write_back_then_store(void)
{
	salvo_atomic_store(&host_pages[taken_frame].dirty, 0);
	unit_can_write(1, PAGE(1));
	unit_others_poll();
}

static void
a_mark_taken_before_the_flush_comes_back(void **state)
{
	(void)state;
	setup();
	taken_frame = written_file_page();
	unit_at_relax = write_back_then_store;
	unmap(PAGE(0), PAGE(4));
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 1);
	assert_int_equal(salvo_atomic_load(&host_pages[taken_frame].dirty), 1);
}

/* And a clean one, or memory that dies with its mapping? Expect: the rmap goes first. */
static void
clean_pages_are_flushed_once_at_the_end(void **state)
{
	(void)state;
	setup();
	unit_map_file(space, 1, MMU_WRITE);
	unit_can_read(1, PAGE(1));
	unit_map(space, PAGE(2), MMU_WRITE);
	unit_can_write(1, PAGE(2));
	unmap(PAGE(0), PAGE(4));
	assert_true(unit_when(HOST_RMAP_REMOVE) < unit_when(HOST_INTERRUPT));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 1);
}

static void
dirty_setup(void)
{
	setup();
	unit_map_file(space, 1, MMU_WRITE);
}

static void
passing_setup(void)
{
	start(MMU_CLEAN_WRITE_PASSES);
	unit_map_file(space, 1, MMU_WRITE);
}

static void
unmap_it(void)
{
	unmap(PAGE(0), PAGE(4));
}

/* write_it: until the page is gone; what got through is in the page, or marks it dirty. */
static void
write_it(void)
{
	for (unsigned i = 0; i < 4; i++) {
		mmu_add(1, PAGE(1), 1);
		race_step();
	}
}

/* written_pages_are_dirty: what a write-back would do now finds all that was written. */
static void
written_pages_are_dirty(void)
{
	uintptr_t frame = salvo_atomic_load(&host_file.pages[1].frame);
	bool written = salvo_atomic_load(mmu_frame_memory(frame)) != 0;

	race_expect(!written || salvo_atomic_load(&host_pages[frame].dirty) != 0);
	race_expect(salvo_atomic_load(&host_pages[frame].mapped) == 0);
}

static void
written_pages_are_dirty_or_saved(void)
{
	const struct host_file_page *page = &host_file.pages[1];
	uintptr_t frame = salvo_atomic_load(&page->frame);

	race_expect(salvo_atomic_load(mmu_frame_memory(frame)) == page->disk ||
		    salvo_atomic_load(&host_pages[frame].dirty) != 0);
	race_expect(salvo_atomic_load(&host_pages[frame].mapped) == 0);
}

static void
race_unmap(void (*prepare)(void))
{
	const struct race race = {.setup = prepare,
		.actors = {{0, unmap_it}, {1, write_it}},
		.check = written_pages_are_dirty,
		.speculate = first_page};

	race_run(&race);
}

/* A CPU writes to a page while it is unmapped. Expect: each write that got through is known. */
static void
no_write_is_lost_where_clean_writes_trap(void **state)
{
	(void)state;
	race_unmap(dirty_setup);
}

/* And where a store passes through a clean entry unnoticed? Expect: the same. */
static void
no_write_is_lost_where_they_pass(void **state)
{
	(void)state;
	race_unmap(passing_setup);
}

/* ---- How long a batch of dirty pages may be ---- */

static void
written_setup(void)
{
	setup();
	written_file_page();
}

/* store_and_sync: write-back that began before, a store, and a sync that must not miss it. */
static void
store_and_sync(void)
{
	const uintptr_t index = 1;
	const struct host_file_page *page = &host_file.pages[index];
	bool stored;

	host_clean(&index, 1);
	stored = mmu_add(1, PAGE(1), 1);
	race_step();
	host_clean(&index, 1);
	race_expect(!stored || page->disk == salvo_atomic_load(mmu_frame_memory(
						     salvo_atomic_load(&page->frame))));
}

/*
 * A page is unmapped beside a store and a sync. Expect: when the sync returns, the store is on the
 * disk: the page must not be found without entry and clean while a CPU can still store to it.
 */
static void
a_sync_misses_no_store(void **state)
{
	const struct race race = {.setup = written_setup,
		.actors = {{0, unmap_it}, {1, store_and_sync}},
		.check = written_pages_are_dirty_or_saved,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

/* ---- Huge leaves ---- */

static uintptr_t
map_huge(uintptr_t address)
{
	uintptr_t first = mmu_frames_take(MMU_PAGE, 32);
	struct salvo_word *entry;

	host_entry(space->salvo.root, address, true, NULL);
	for (unsigned i = 0; i < 32; i++) {
		salvo_atomic_store(&host_pages[first + i].refs, 1);
		salvo_atomic_store(&host_pages[first + i].mapped, 1);
		host_pages[first + i].index = 0;
	}
	entry = salvo_port_table(mmu_frame_in(salvo_atomic_load(
		salvo_port_table(mmu_frame_in(space->salvo.root)) + mmu_index(address, 3))));
	entry += mmu_index(address, 2);
	mmu_frame_give(mmu_frame_in(salvo_atomic_load(entry)));
	salvo_atomic_store(
		entry, first << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_HUGE | MMU_WRITE);
	return first;
}

/* A huge leaf lies in the range. Expect: one entry, one run of 32 frames, one translation flushed.
 */
static void
a_huge_leaf_is_one_entry(void **state)
{
	(void)state;
	setup();
	map_huge(HUGE_PAGE);
	assert_true(unit_can_write(1, HUGE_PAGE + PAGE(5)));
	assert_int_equal(unmap(HUGE_PAGE, 2 * HUGE_PAGE), SALVO_OK);
	assert_false(unit_can_read(1, HUGE_PAGE + PAGE(5)));
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 1);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 32);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), 1);
	unit_assert_clean();
}

/* A huge leaf and small pages in one range. Expect: every small page is flushed too. */
static void
mixed_sizes_use_the_smaller_stride(void **state)
{
	(void)state;
	setup();
	host_machine.flush_ceiling = 100;
	map_huge(HUGE_PAGE);
	for (unsigned i = 0; i < 8; i++) {
		unit_map(space, PAGE(i), 0);
		assert_true(unit_can_read(1, PAGE(i)));
	}
	assert_true(unit_can_read(1, HUGE_PAGE));
	assert_int_equal(unmap(0, 2 * HUGE_PAGE), SALVO_OK);
	for (unsigned i = 0; i < 8; i++)
		assert_null(mmu_cached(1, PAGE(i)));
	assert_null(mmu_cached(1, HUGE_PAGE));
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 0);
	unit_assert_clean();
}

/* The range ends inside a huge leaf. Expect: told, the leaf stays, the rest goes. */
static void
a_split_leaf_stays(void **state)
{
	(void)state;
	setup();
	map_huge(HUGE_PAGE);
	unit_map(space, PAGE(31), 0);
	assert_int_equal(unmap(PAGE(31), HUGE_PAGE + PAGE(4)), SALVO_SPLITS_LEAF);
	assert_true(unit_can_read(1, HUGE_PAGE));
	assert_false(unit_can_read(1, PAGE(31)));
}

/* ---- Room ---- */

/* No memory for bookkeeping, pages far apart. Expect: early flushes, all pages freed, once each. */
static void
refused_memory_loses_nothing(void **state)
{
	(void)state;
	setup();
	salvo_atomic_store(&host_chunks_left, 0);
	for (unsigned i = 0; i < 64; i++) {
		unit_map(space, PAGE(i), 0);
		mmu_frame_take(MMU_BOOK);
	}
	assert_int_equal(unmap(0, PAGE(64)), SALVO_OK);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 64);
	assert_int_equal(unit_events(HOST_INTERRUPT), 64 / SALVO_GATHER_INLINE);
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_FREE_PAGE));
	for (unsigned i = 0; i < 64; i++)
		assert_int_equal(mmu_lookup(space->salvo.root, PAGE(i), NULL), 0);
}

/* ---- Tables ---- */

static void
unmap_and_free_tables(void)
{
	struct salvo_gather gather;

	mmu_change_begin(space->salvo.root, 0, PAGE(32));
	salvo_gather_begin(&gather, &space->salvo, 0, mmu_span(3));
	salvo_unmap(&gather, 0, mmu_span(3));
	salvo_free_tables(&gather, 0, mmu_span(3));
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, 0, PAGE(32));
}

/* Which tables go? Expect: those wholly in the range, leaf tables and the middle one. */
static void
tables_in_the_range_are_freed(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	unit_map(space, PAGE(0), 0);
	unit_map(space, PAGE(40), 0);
	unit_map(space, mmu_span(3), 0);
	unmap(0, MMU_KERNEL_BASE);
	unit_log.count = 0;
	salvo_gather_begin(&gather, &space->salvo, 0, mmu_span(3) + PAGE(1));
	salvo_free_tables(&gather, 0, PAGE(40));
	salvo_gather_flush(&gather);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 1);
	salvo_free_tables(&gather, 0, mmu_span(3) + PAGE(1));
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 3);
	assert_non_null(host_entry(space->salvo.root, mmu_span(3), false, NULL));
	unit_assert_clean();
}

static void
lazy_and_walk(void)
{
	uintptr_t irqs = salvo_port_irq_save();

	salvo_lazy_enter();
	salvo_port_irq_restore(irqs);
	race_step();
	irqs = salvo_port_irq_save();
	salvo_lazy_leave();
	salvo_port_irq_restore(irqs);
	(void)unit_can_read(1, PAGE(1));
}

static void
tables_setup(void)
{
	setup();
	unit_map(space, PAGE(1), 0);
	unit_can_read(1, PAGE(1));
}

static void
nothing_is_left(void)
{
	race_expect(!unit_can_read(1, PAGE(1)));
	race_expect(unit_events(HOST_FREE_TABLE) == 2);
}

/* Tables are freed while a CPU, lazy or not, walks. Expect: no walk in a freed table. */
static void
no_walk_in_freed_tables(void **state)
{
	const struct race race = {.setup = tables_setup,
		.actors = {{0, unmap_and_free_tables}, {1, lazy_and_walk}},
		.check = nothing_is_left,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_range_is_unmapped),
		cmocka_unit_test(holes_are_passed_over),
		cmocka_unit_test(dirty_pages_are_flushed_before_rmap_goes),
		cmocka_unit_test(a_mark_taken_before_the_flush_comes_back),
		cmocka_unit_test(clean_pages_are_flushed_once_at_the_end),
		cmocka_unit_test(no_write_is_lost_where_clean_writes_trap),
		cmocka_unit_test(no_write_is_lost_where_they_pass),
		cmocka_unit_test(a_sync_misses_no_store),
		cmocka_unit_test(a_huge_leaf_is_one_entry),
		cmocka_unit_test(mixed_sizes_use_the_smaller_stride),
		cmocka_unit_test(a_split_leaf_stays),
		cmocka_unit_test(refused_memory_loses_nothing),
		cmocka_unit_test(tables_in_the_range_are_freed),
		cmocka_unit_test(no_walk_in_freed_tables),
	};

	return UNIT_RUN(tests);
}
