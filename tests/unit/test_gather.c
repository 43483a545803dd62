// SPDX-License-Identifier: MIT
/*
 * test_gather.c: what is freed when, and who flushes. See src/gather.c.
 */
#include <unit.h>

static struct host_space *space;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

static void
setup(void)
{
	unit_start(2, 1, 0);
	space = unit_space(3);
}

/* take: clear an entry and gather its page, rmap and all. */
static bool
take(struct salvo_gather *gather, uintptr_t address)
{
	uintptr_t frame = unit_clear(space, address);
	bool room;

	unit_cleared(space, address);
	salvo_gather_cleared(gather, address, SALVO_ARCH_PAGE_SHIFT);
	room = salvo_gather_page(gather, frame, 1);
	salvo_gather_remove_rmap(gather);
	return room;
}

/* When is a page freed? Expect: after the interrupt that makes CPU 1 forget it, not before. */
static void
pages_are_freed_after_the_flush(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	assert_true(take(&gather, PAGE(1)));
	assert_int_equal(unit_events(HOST_FREE_PAGE), 0);
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 1);
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_FREE_PAGE));
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_INVALIDATE_END));
	assert_true(unit_when(HOST_INVALIDATE_BEGIN) == 0);
	assert_false(unit_can_read(1, PAGE(1)));
}

/* And a page table? Expect: the same, and a lazy CPU is asked as well. */
static void
tables_are_freed_after_the_flush(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	unit_lazy(1, true);
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	assert_true(
		salvo_gather_table(&gather, mmu_frame_take(MMU_TABLE), 0, SALVO_LEVEL_SHIFT(2)));
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_FREE_TABLE));
}

/* Nothing was cleared. Expect: nobody is interrupted. */
static void
nothing_cleared_costs_nothing(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_int_equal(salvo_atomic_load(&space->salvo.gen), 0);
}

/* ---- Room ---- */

/* gather_all: `count` pages that do not follow each other; how many flushes were needed. */
static unsigned
gather_all(unsigned count)
{
	struct salvo_gather gather;
	unsigned early = 0;

	salvo_gather_begin(&gather, &space->salvo, 0, UINTPTR_MAX);
	for (unsigned i = 0; i < count; i++) {
		uintptr_t frame = host_page_new();

		mmu_frame_take(MMU_BOOK); /* a hole, so that runs do not join */
		salvo_atomic_store(&host_pages[frame].mapped, 1);
		salvo_gather_cleared(&gather, PAGE(i % 32), SALVO_ARCH_PAGE_SHIFT);
		if (!salvo_gather_page(&gather, frame, 1)) {
			early++;
			salvo_gather_remove_rmap(&gather);
			salvo_gather_flush(&gather);
		}
	}
	salvo_gather_remove_rmap(&gather);
	salvo_gather_finish(&gather);
	return early;
}

static unsigned pages_freed, rmaps_removed;

static void
count_only(enum host_event event, uintptr_t a, uintptr_t b)
{
	(void)a;
	pages_freed += event == HOST_FREE_PAGE;
	if (event == HOST_RMAP_REMOVE)
		rmaps_removed += (unsigned)b;
	if (event == HOST_RELAX)
		unit_others_poll();
}

static void
room_setup(uintptr_t chunks)
{
	setup();
	host_hook = count_only;
	pages_freed = rmaps_removed = 0;
	salvo_atomic_store(&host_chunks_left, chunks);
}

/* The host refuses every page. Expect: flushes every few pages, and all are freed once. */
static void
refused_memory_flushes_early(void **state)
{
	(void)state;
	room_setup(0);
	assert_int_equal(gather_all(100), 100 / SALVO_GATHER_INLINE);
	assert_int_equal(pages_freed, 100);
	assert_int_equal(rmaps_removed, 100);
}

/* It gives three, and takes them back. Expect: fewer flushes; nothing lost, each chunk returned. */
static void
a_few_chunks_flush_less(void **state)
{
	unsigned early;

	(void)state;
	room_setup(3);
	early = gather_all(200);
	assert_in_range(early, 2, 5);
	assert_int_equal(pages_freed, 200);
	assert_int_equal(rmaps_removed, 200);
	assert_int_equal(salvo_atomic_load(&host_chunks_left), 3);
}

/* As much as it wants. Expect: bounded all the same. */
static void
a_gather_is_bounded(void **state)
{
	const unsigned chunk = (256 - sizeof(struct salvo_chunk)) / sizeof(struct salvo_run);
	const unsigned most = SALVO_GATHER_INLINE + SALVO_GATHER_CHUNKS * chunk;

	(void)state;
	room_setup(MMU_FRAMES);
	assert_int_equal(gather_all(most - 1), 0);
	room_setup(MMU_FRAMES);
	assert_int_equal(gather_all(most + 1), 1);
	assert_int_equal(pages_freed, most + 1);
	assert_int_equal(rmaps_removed, most + 1);
	assert_int_equal(salvo_atomic_load(&host_chunks_left), MMU_FRAMES);
}

/* ---- Rmap ---- */

/* Is each page's rmap removed once, runs of frames in one call? Expect: one call for eight frames.
 */
static void
rmap_is_removed_once_in_runs(void **state)
{
	struct salvo_gather gather;
	uintptr_t first;

	(void)state;
	setup();
	first = mmu_frames_take(MMU_PAGE, 16);
	for (unsigned i = 0; i < 9; i++)
		host_map(space, PAGE(i), first + i, 0);
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	for (unsigned i = 0; i < 8; i++) {
		unit_clear(space, PAGE(i));
		salvo_gather_cleared(&gather, PAGE(i), SALVO_ARCH_PAGE_SHIFT);
		assert_true(salvo_gather_page(&gather, first + i, 1));
	}
	salvo_gather_remove_rmap(&gather);
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 1);
	assert_int_equal(unit_log.events[unit_when(HOST_RMAP_REMOVE)].b, 8);
	salvo_gather_remove_rmap(&gather);
	salvo_gather_page(&gather, first + 8, 1);
	salvo_gather_remove_rmap(&gather);
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 2);
	assert_int_equal(unit_log.events[unit_log.count - 1].b, 1);
	salvo_gather_finish(&gather);
}

/*
 * The host has removed the rmap of a page itself. Expect: after a discard the gather removes that
 * of later pages alone, and finds nothing amiss when it is finished.
 */
static void
rmap_that_is_gone_is_discarded(void **state)
{
	struct salvo_gather gather;
	uintptr_t frames[2];

	(void)state;
	setup();
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	for (unsigned i = 0; i < 2; i++) {
		unit_map(space, PAGE(i), 0);
		frames[i] = unit_clear(space, PAGE(i));
		unit_cleared(space, PAGE(i));
		salvo_gather_cleared(&gather, PAGE(i), SALVO_ARCH_PAGE_SHIFT);
	}
	salvo_atomic_store(&host_pages[frames[0]].mapped, 0);
	salvo_gather_page(&gather, frames[0], 1);
	salvo_gather_discard_rmap(&gather);
	salvo_gather_page(&gather, frames[1], 1);
	salvo_gather_remove_rmap(&gather);
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 1);
	assert_int_equal(unit_log.events[unit_when(HOST_RMAP_REMOVE)].a, frames[1]);
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 2);
	unit_assert_clean();
}

/* A page is unmapped that nobody maps. Expect: it is reported, for the host's count is wrong. */
static void
a_negative_count_is_reported(void **state)
{
	struct salvo_gather gather;
	uintptr_t frame;

	(void)state;
	setup();
	frame = unit_map(space, PAGE(1), 0);
	salvo_atomic_store(&host_pages[frame].mapped, 0);
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	salvo_unmap(&gather, 0, PAGE(32));
	assert_int_equal(unit_log.broken, 1);
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 1);
}

/* ---- The mark ---- */

static void
mark_setup(void)
{
	setup();
	unit_map(space, PAGE(1), 0);
	unit_can_read(0, PAGE(1));
	unit_can_read(1, PAGE(1));
}

/* clear_range: what an unmap does, under the table's lock for each entry. */
static void
clear_range(void)
{
	struct salvo_gather gather;
	uintptr_t table;
	struct salvo_word *entry;
	salvo_pte pte;

	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(4));
	entry = host_entry(space->salvo.root, PAGE(1), false, &table);
	race_step();
	host_lock(host_table_lock(table));
	pte = salvo_atomic_exchange(entry, 0);
	if (pte != 0) {
		salvo_gather_cleared(&gather, PAGE(1), SALVO_ARCH_PAGE_SHIFT);
		salvo_gather_page(&gather, mmu_frame_in(pte), 1);
		salvo_gather_remove_rmap(&gather);
	}
	host_unlock(host_table_lock(table));
	race_step();
	salvo_gather_finish(&gather);
	race_expect(mmu_cached(0, PAGE(1)) == NULL);
	race_expect(mmu_cached(1, PAGE(1)) == NULL);
}

/*
 * Two CPUs unmap the same page; one finds the entry clear. Expect: when either returns, no TLB has
 * it: the one that cleared nothing has flushed, or the other's flush was over.
 */
static void
finding_it_clear_promises_absence(void **state)
{
	const struct race race = {.setup = mark_setup,
		.actors = {{0, clear_range}, {1, clear_range}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

/* Two gathers on different parts, one after the other. Expect: no flush but their own. */
static void
a_finished_gather_leaves_no_mark(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	take(&gather, PAGE(1));
	salvo_gather_finish(&gather);
	assert_false(salvo_flush_outstanding(&space->salvo));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	assert_true(salvo_flush_outstanding(&space->salvo));
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
}

/* Another gather is under way, and a CPU is lazy. Expect: this one flushes, the lazy CPU sleeps on.
 */
static void
a_foreign_mark_leaves_lazy_cpus_alone(void **state)
{
	struct salvo_gather foreign, gather;

	(void)state;
	setup();
	unit_lazy(1, true);
	salvo_gather_begin(&foreign, &space->salvo, 0, PAGE(32));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	salvo_gather_finish(&gather);
	assert_int_equal(unit_stat(0, nr_skipped_lazy), 1);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	salvo_gather_finish(&foreign);
}

/* Does a gather of a dying space flush? Expect: never, and it frees what it was given. */
static void
a_dying_space_is_not_flushed(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	unit_load(0, NULL);
	unit_load(1, NULL);
	salvo_space_destroy(&space->salvo);
	unit_log.count = 0;
	salvo_gather_begin_dying(&gather, &space->salvo);
	take(&gather, PAGE(1));
	salvo_gather_finish(&gather);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 1);
	unit_assert_clean();
}

/* ---- Ranges ---- */

/* Entries far apart: does one flush cover both and use the smaller stride? Expect: both gone. */
static void
ranges_widen(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	unit_map(space, PAGE(3), 0);
	unit_map(space, PAGE(9), 0);
	assert_true(unit_can_read(1, PAGE(3)) && unit_can_read(1, PAGE(9)));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(32));
	take(&gather, PAGE(9));
	take(&gather, PAGE(3));
	salvo_gather_finish(&gather);
	assert_null(mmu_cached(1, PAGE(3)));
	assert_null(mmu_cached(1, PAGE(9)));
	assert_int_equal(
		unit_stat(1, nr_tlb_local_flush_one) + unit_stat(1, nr_tlb_local_flush_all) * 7, 7);
}

/* Are mistakes told? Expect: an address outside, a flush with rmap removals pending. */
static void
preconditions_are_checked(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(2));
	salvo_gather_cleared(&gather, PAGE(2), SALVO_ARCH_PAGE_SHIFT);
	assert_int_equal(unit_log.broken, 1);
	salvo_gather_page(&gather, host_page_new(), 1);
	salvo_gather_flush(&gather);
	assert_int_equal(unit_log.broken, 2);
	salvo_gather_finish(&gather);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_freed_after_the_flush),
		cmocka_unit_test(tables_are_freed_after_the_flush),
		cmocka_unit_test(nothing_cleared_costs_nothing),
		cmocka_unit_test(refused_memory_flushes_early),
		cmocka_unit_test(a_few_chunks_flush_less),
		cmocka_unit_test(a_gather_is_bounded),
		cmocka_unit_test(rmap_is_removed_once_in_runs),
		cmocka_unit_test(rmap_that_is_gone_is_discarded),
		cmocka_unit_test(a_negative_count_is_reported),
		cmocka_unit_test(finding_it_clear_promises_absence),
		cmocka_unit_test(a_finished_gather_leaves_no_mark),
		cmocka_unit_test(a_foreign_mark_leaves_lazy_cpus_alone),
		cmocka_unit_test(a_dying_space_is_not_flushed),
		cmocka_unit_test(ranges_widen),
		cmocka_unit_test(preconditions_are_checked),
	};

	return UNIT_RUN(tests);
}
