// SPDX-License-Identifier: MIT
/*
 * test_reclaim.c: pages are unmapped, cleaned and aged wherever they are mapped. See src/reclaim.c.
 */
#include <unit.h>

static struct host_space *space, *other;
static uintptr_t frame;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

/* setup: page 1 of the file is mapped writable in two spaces, on CPUs 0 and 1, and on CPU 2. */
static void
setup(unsigned rules)
{
	unit_start(3, 1, rules);
	space = unit_space(3);
	other = unit_space(4);
	frame = unit_map_file(space, 1, MMU_WRITE);
	assert_int_equal(unit_map_file(other, 1, MMU_WRITE), frame);
}

static void
reclaim(void)
{
	const uintptr_t indexes[] = {1};

	host_reclaim(indexes, 1);
}

static void
clean(void)
{
	const uintptr_t indexes[] = {1};

	host_clean(indexes, 1);
}

static bool
in_memory(void)
{
	return salvo_atomic_load(&host_file.pages[1].frame) != 0;
}

/* ---- Reclaim ---- */

/* A page that two spaces map is reclaimed. Expect: one round of interrupts, then it is freed. */
static void
a_page_is_unmapped_everywhere(void **state)
{
	(void)state;
	setup(0);
	for (unsigned c = 0; c < 3; c++)
		assert_true(unit_can_read(c, PAGE(1)));
	reclaim();
	assert_false(in_memory());
	for (unsigned c = 0; c < 3; c++)
		assert_false(unit_can_read(c, PAGE(1)));
	assert_int_equal(unit_events(HOST_INTERRUPT), 2);
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 1);
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 2);
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_FREE_PAGE));
	unit_assert_clean();
}

/* It was written. Expect: the host is told before the flush, and the write is on the disk. */
static void
a_written_page_is_written_out(void **state)
{
	(void)state;
	setup(0);
	assert_true(mmu_write(1, PAGE(1), 42));
	reclaim();
	assert_int_equal(host_file.pages[1].disk, 42);
	assert_true(unit_when(HOST_PAGE_DIRTY) < unit_when(HOST_INTERRUPT));
	assert_int_equal(unit_events(HOST_PAGE_DIRTY), 1);
	unit_assert_clean();
}

/* flushes_of_groups: two pages are reclaimed by a call each, with one flush after both. */
static uintptr_t
flushes_of_groups(unsigned rules)
{
	struct salvo_batch batch;
	uintptr_t frames[2];

	setup(rules);
	frames[0] = frame;
	frames[1] = unit_map_file(space, 2, MMU_WRITE);
	assert_true(unit_can_read(1, PAGE(1)) && unit_can_read(1, PAGE(2)));
	salvo_batch_begin(&batch);
	for (unsigned i = 0; i < 2; i++) {
		host_file_page_lock(i + 1);
		host_self()->reclaiming = true;
		salvo_reclaim(&batch, &frames[i], 1);
		host_self()->reclaiming = false;
	}
	salvo_batch_flush(&batch);
	for (unsigned i = 0; i < 2; i++)
		host_unlock(&host_file.pages[i + 1].lock);
	assert_false(unit_can_read(1, PAGE(1)) || unit_can_read(1, PAGE(2)));
	unit_assert_clean();
	return unit_stat(0, nr_tlb_remote_flush);
}

/*
 * Several groups of pages in one batch. Expect: one flush for all; where a first phase is needed,
 * one more for each group, so a host hands them over together.
 */
static void
groups_share_a_flush(void **state)
{
	(void)state;
	assert_int_equal(flushes_of_groups(0), 1);
	assert_int_equal(flushes_of_groups(MMU_CLEAN_WRITE_PASSES), 3);
}

/* ---- Two phases ---- */

/* Clean writable entries, on hardware that walks again. Expect: one phase. */
static void
one_phase_where_clean_writes_trap(void **state)
{
	(void)state;
	setup(0);
	unit_can_read(1, PAGE(1));
	reclaim();
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 1);
	assert_int_equal(unit_events(HOST_PAGE_DIRTY), 0);
}

/* The same on hardware that does not. Expect: two, and the page is still taken for clean. */
static void
two_phases_where_they_pass(void **state)
{
	(void)state;
	setup(MMU_CLEAN_WRITE_PASSES);
	unit_can_read(1, PAGE(1));
	reclaim();
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 2);
	assert_int_equal(unit_events(HOST_PAGE_DIRTY), 0);
	assert_false(in_memory());
	unit_assert_clean();
}

/* Read-only or dirty entries, or a page known to be dirty. Expect: one phase is enough. */
static void
the_first_phase_is_skipped_where_it_can_be(void **state)
{
	(void)state;
	setup(MMU_CLEAN_WRITE_PASSES);
	assert_true(unit_can_write(0, PAGE(1)) && unit_can_write(2, PAGE(1)));
	reclaim();
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 1);
	setup(MMU_CLEAN_WRITE_PASSES);
	clean();
	unit_can_read(1, PAGE(1));
	reclaim();
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 2);
	setup(MMU_CLEAN_WRITE_PASSES);
	salvo_atomic_store(&host_pages[frame].dirty, 1);
	reclaim();
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 1);
	unit_assert_clean();
}

/* ---- Lost writes ---- */

static uintptr_t stores; /* that hardware accepted */

static void
write_setup(unsigned rules)
{
	setup(rules);
	stores = 0;
}

static void
trapping_setup(void)
{
	write_setup(0);
}

static void
passing_setup(void)
{
	write_setup(MMU_CLEAN_WRITE_PASSES);
}

static void
write_it(void)
{
	for (unsigned i = 0; i < 4; i++) {
		if (mmu_add(1, PAGE(1), 1))
			stores++;
		race_step();
	}
}

/* every_store_is_kept: on the disk, or in memory. A page given up as clean was the disk's. */
static void
every_store_is_kept(void)
{
	uintptr_t now = salvo_atomic_load(&host_file.pages[1].frame);

	if (now == 0)
		race_expect(host_file.pages[1].disk == stores);
	else
		race_expect(salvo_atomic_load(mmu_frame_memory(now)) == stores);
}

static void
race_reclaim(void (*prepare)(void))
{
	const struct race race = {.setup = prepare,
		.actors = {{0, reclaim}, {1, write_it}},
		.check = every_store_is_kept,
		.speculate = first_page};

	race_run(&race);
}

/* A CPU writes while the page is reclaimed. Expect: each store is on the disk, or the page stays.
 */
static void
no_write_is_lost_where_clean_writes_trap(void **state)
{
	(void)state;
	race_reclaim(trapping_setup);
}

/* And where they do not trap? Expect: the same. */
static void
no_write_is_lost_where_they_pass(void **state)
{
	(void)state;
	race_reclaim(passing_setup);
}

/* ---- Beside other operations ---- */

static void
zap_first_page(void)
{
	host_zap(&space->areas[0], PAGE(1), PAGE(2));
	race_expect(mmu_cached(0, PAGE(1)) == NULL);
	race_expect(mmu_cached(1, PAGE(1)) == NULL);
}

/* An unmap finds the entry that a reclaim has cleared. Expect: no TLB has it when it returns. */
static void
an_unmap_beside_a_reclaim_flushes(void **state)
{
	const struct race race = {.setup = trapping_setup,
		.actors = {{0, reclaim}, {1, zap_first_page}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
forbid_writes(void)
{
	host_protect(&space->areas[0], 0);
	for (unsigned c = 0; c < 2; c++) {
		const struct mmu_entry *entry = mmu_cached(c, PAGE(1));

		race_expect(entry == NULL || (entry->pte & MMU_WRITE) == 0);
	}
}

/* A protect finds the entry that a clean has write-protected. Expect: nobody writes afterwards. */
static void
a_protect_beside_a_clean_flushes(void **state)
{
	const struct race race = {.setup = trapping_setup,
		.actors = {{0, clean}, {1, forbid_writes}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

/* write_late: the other CPU stores once more before it takes its interrupts. */
static void
write_late(void)
{
	mmu_add(1, PAGE(1), 1);
	unit_others_poll();
}

/*
 * A protect has taken the right to write, but not flushed yet; the page is reclaimed, on hardware
 * where a store passes through a clean entry. Expect: the read-only entry is not taken for clean.
 */
static void
an_unflushed_protect_hides_no_write(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup(MMU_CLEAN_WRITE_PASSES);
	assert_true(unit_can_read(1, PAGE(1)));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(4));
	salvo_protect(&gather, 0, PAGE(4), 0);
	unit_on(2);
	unit_at_relax = write_late;
	reclaim();
	unit_on(0);
	salvo_gather_finish(&gather);
	assert_int_equal(host_file.pages[1].disk, 1);
	unit_assert_clean();
}

/* ---- Clean ---- */

/* A cleaned page is written again. Expect: the write faults first, and makes it dirty anew. */
static void
a_cleaned_page_faults_when_written(void **state)
{
	(void)state;
	setup(0);
	assert_true(mmu_write(1, PAGE(1), 5));
	clean();
	assert_int_equal(host_file.pages[1].disk, 5);
	assert_false(unit_can_write(1, PAGE(1)));
	assert_true(unit_can_read(1, PAGE(1)));
	assert_true(host_fault(space, PAGE(1), MMU_WRITE | MMU_DIRTY));
	assert_true(mmu_write(1, PAGE(1), 6));
	reclaim();
	assert_int_equal(host_file.pages[1].disk, 6);
	unit_assert_clean();
}

/* Entries that are read-only and clean already. Expect: no flush. */
static void
clean_entries_cost_nothing(void **state)
{
	(void)state;
	setup(0);
	clean();
	unit_log.count = 0;
	clean();
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
}

static void
clean_then_reclaim(void)
{
	clean();
	reclaim();
}

static void
write_with_faults(void)
{
	for (unsigned i = 0; i < 3; i++) {
		if (mmu_add(1, PAGE(1), 1))
			stores++;
		else if (in_memory())
			host_fault(space, PAGE(1), MMU_WRITE | MMU_DIRTY);
		race_step();
	}
}

static void
race_clean(void (*prepare)(void))
{
	const struct race race = {.setup = prepare,
		.actors = {{0, clean_then_reclaim}, {1, write_with_faults}},
		.check = every_store_is_kept,
		.speculate = first_page};

	race_run(&race);
}

/* A CPU writes, faults and writes while the page is cleaned, then reclaimed. Expect: all is kept.
 */
static void
no_write_is_lost_beside_a_clean(void **state)
{
	(void)state;
	race_clean(trapping_setup);
	race_clean(passing_setup);
}

/* ---- Age ---- */

/* How many used it since the last look? Expect: two, then none, and no flush for it. */
static void
ageing_counts_and_flushes_nothing(void **state)
{
	(void)state;
	setup(0);
	assert_int_equal(salvo_age(frame), 0);
	unit_can_read(0, PAGE(1));
	unit_can_read(2, PAGE(1));
	assert_int_equal(salvo_age(frame), 2);
	assert_int_equal(salvo_age(frame), 0);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_is_unmapped_everywhere),
		cmocka_unit_test(a_written_page_is_written_out),
		cmocka_unit_test(groups_share_a_flush),
		cmocka_unit_test(one_phase_where_clean_writes_trap),
		cmocka_unit_test(two_phases_where_they_pass),
		cmocka_unit_test(the_first_phase_is_skipped_where_it_can_be),
		cmocka_unit_test(no_write_is_lost_where_clean_writes_trap),
		cmocka_unit_test(no_write_is_lost_where_they_pass),
		cmocka_unit_test(an_unmap_beside_a_reclaim_flushes),
		cmocka_unit_test(a_protect_beside_a_clean_flushes),
		cmocka_unit_test(an_unflushed_protect_hides_no_write),
		cmocka_unit_test(a_cleaned_page_faults_when_written),
		cmocka_unit_test(clean_entries_cost_nothing),
		cmocka_unit_test(no_write_is_lost_beside_a_clean),
		cmocka_unit_test(ageing_counts_and_flushes_nothing),
	};

	return UNIT_RUN(tests);
}
