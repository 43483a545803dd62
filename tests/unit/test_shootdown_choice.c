// SPDX-License-Identifier: MIT
/*
 * test_shootdown_choice.c: who is asked, and who is left alone. See src/shootdown.c.
 */
#include <unit.h>

static struct host_space *space;

/* ---- Skipping ---- */

/* Is a lazy CPU interrupted? Expect: no; and once it leaves lazy mode the entry is gone. */
static void
lazy_cpus_are_skipped(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	unit_lazy(1, true);
	unit_clear(space, PAGE(1));
	unit_flush(0, space, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_int_equal(unit_stat(0, nr_skipped_lazy), 1);
	unit_lazy(1, false);
	assert_false(unit_can_read(1, PAGE(1)));
}

/* Is a lazy CPU interrupted where tables are freed? Expect: yes, its walker may be in them. */
static void
lazy_cpus_are_asked_for_tables(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(3);
	unit_lazy(1, true);
	salvo_flush_space(&space->salvo, true);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_stat(0, nr_skipped_lazy), 0);
}

/*
 * Hardware may not meet two translations of an address, and a lazy CPU walks unasked. Expect: it is
 * asked when a page goes, so a walk that finds the next page there meets nothing.
 */
static void
lazy_cpus_are_asked_for_a_break(void **state)
{
	(void)state;
	unit_start(2, 1, MMU_NEEDS_BREAK);
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	unit_lazy(1, true);
	unit_unmap(space, PAGE(1));
	unit_map(space, PAGE(1), 0);
	mmu_speculate(1, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	unit_assert_clean();
}

/* flushed_by_lazy_initiator: whether CPU 0, lazy on the space, forgets what it flushes. */
static bool
flushed_by_lazy_initiator(unsigned rules, bool tables)
{
	bool flushed;

	unit_start(2, 1, rules);
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(0, PAGE(1)));
	unit_clear(space, PAGE(1));
	unit_lazy(0, true);
	salvo_flush_space(&space->salvo, tables);
	unit_cleared(space, PAGE(1));
	flushed = mmu_cached(0, PAGE(1)) == NULL;
	unit_lazy(0, false);
	assert_null(mmu_cached(0, PAGE(1)));
	unit_assert_clean();
	return flushed;
}

/* A lazy CPU flushes a space for others. Expect: for itself as it would ask another lazy CPU. */
static void
a_lazy_initiator_flushes_as_it_asks(void **state)
{
	(void)state;
	assert_false(flushed_by_lazy_initiator(0, false));
	assert_true(flushed_by_lazy_initiator(0, true));
	assert_true(flushed_by_lazy_initiator(MMU_NEEDS_BREAK, false));
}

/* Is a CPU interrupted that has caught up by itself? Expect: no. */
static void
current_cpus_are_skipped(void **state)
{
	struct salvo_range range = {.start = PAGE(1), .end = PAGE(2), .stride_shift = 8};
	uintptr_t gen;

	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(3);
	gen = salvo_request(&space->salvo, &range);
	unit_lazy(1, true);
	unit_lazy(1, false);
	salvo_complete(&space->salvo, gen, false);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_int_equal(unit_stat(0, nr_skipped_current), 1);
}

/* A later request is complete already: is the earlier one sent? Expect: it costs nothing. */
static void
a_done_request_is_not_sent(void **state)
{
	struct salvo_range range = {.start = PAGE(1), .end = PAGE(2), .stride_shift = 8};
	uintptr_t gen;

	(void)state;
	unit_start(3, 1, 0);
	space = unit_space(7);
	gen = salvo_request(&space->salvo, &range);
	unit_flush(1, space, PAGE(2));
	assert_int_equal(unit_events(HOST_INTERRUPT), 2);
	salvo_complete(&space->salvo, gen, false);
	assert_int_equal(unit_events(HOST_INTERRUPT), 2);
	assert_int_equal(unit_stat(0, nr_requests_done), 1);
}

/*
 * The same where the earlier one frees tables, and a CPU was lazy when the later one was made.
 * Expect: the lazy CPU is asked: `done` says nothing of it.
 */
static void
a_request_that_frees_tables_is_always_sent(void **state)
{
	struct salvo_range range = {
		.start = PAGE(0), .end = PAGE(32), .stride_shift = 8, .tables = true};
	uintptr_t gen;

	(void)state;
	unit_start(3, 1, 0);
	space = unit_space(7);
	unit_lazy(2, true);
	gen = salvo_request(&space->salvo, &range);
	unit_flush(1, space, PAGE(2));
	assert_int_equal(unit_stat(1, nr_skipped_lazy), 1);
	unit_log.count = 0;
	salvo_complete(&space->salvo, gen, true);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_log.events[unit_when(HOST_INTERRUPT)].a, 2);
}

/* ---- Kernel mappings ---- */

/* Does a flush of the kernel's space reach CPUs that are lazy, or have no space? Expect: all. */
static void
kernel_mappings_are_flushed_everywhere(void **state)
{
	uintptr_t value;

	(void)state;
	unit_start(3, 1, 0);
	space = unit_space(3);
	unit_lazy(1, true);
	for (unsigned c = 0; c < 3; c++)
		assert_true(mmu_read(c, MMU_KERNEL_BASE, &value));
	host_kernel_remap(0);
	for (unsigned c = 0; c < 3; c++)
		assert_true(mmu_read(c, MMU_KERNEL_BASE, &value));
	assert_int_equal(unit_events(HOST_INTERRUPT), 2);
	unit_assert_clean();
}

/* A switch keeps kernel entries: are they flushed after it all the same? Expect: yes. */
static void
kernel_mappings_survive_switches(void **state)
{
	uintptr_t value;

	(void)state;
	unit_start(2, 2, 0);
	space = unit_space(2);
	assert_true(mmu_read(1, MMU_KERNEL_BASE + HOST_PAGE, &value));
	unit_load(1, NULL);
	unit_load(1, unit_space(0));
	host_kernel_remap(1);
	assert_true(mmu_read(1, MMU_KERNEL_BASE + HOST_PAGE, &value));
	unit_assert_clean();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lazy_cpus_are_skipped),
		cmocka_unit_test(lazy_cpus_are_asked_for_tables),
		cmocka_unit_test(lazy_cpus_are_asked_for_a_break),
		cmocka_unit_test(a_lazy_initiator_flushes_as_it_asks),
		cmocka_unit_test(current_cpus_are_skipped),
		cmocka_unit_test(a_done_request_is_not_sent),
		cmocka_unit_test(a_request_that_frees_tables_is_always_sent),
		cmocka_unit_test(kernel_mappings_are_flushed_everywhere),
		cmocka_unit_test(kernel_mappings_survive_switches),
	};

	return UNIT_RUN(tests);
}
