// SPDX-License-Identifier: MIT
/*
 * test_flush.c: what a CPU flushes to catch up, and how it learns of it. See src/flush.c. With
 * small counters (-wrap) the same tests go round them several times.
 */
#include <unit.h>

static struct host_space *space;

static void
setup(void)
{
	unit_start(2, 2, MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	space = unit_space(3);
}

/* request: of `count` pages, and CPU 1 catches up only when it is told to. */
static void
request(unsigned first, unsigned count, bool tables)
{
	struct salvo_range range = {.start = PAGE(first),
		.end = PAGE(first + count),
		.stride_shift = SALVO_ARCH_PAGE_SHIFT,
		.tables = tables};

	salvo_request(&space->salvo, &range);
}

static void
cpu_1_catches_up(void)
{
	unit_lazy(1, true);
	unit_lazy(1, false);
}

/* ---- How much ---- */

/* A CPU is as many requests behind as are remembered. Expect: it flushes those ranges alone. */
static void
the_last_few_ranges_are_flushed_alone(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(20), 0);
	for (unsigned i = 0; i < SALVO_RING; i++)
		unit_map(space, PAGE(i), 0);
	for (unsigned i = 0; i < SALVO_RING; i++)
		assert_true(unit_can_read(1, PAGE(i)));
	assert_true(unit_can_read(1, PAGE(20)));
	for (unsigned i = 0; i < SALVO_RING; i++)
		request(i, 1, false);
	cpu_1_catches_up();
	for (unsigned i = 0; i < SALVO_RING; i++)
		assert_null(mmu_cached(1, PAGE(i)));
	assert_non_null(mmu_cached(1, PAGE(20)));
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), SALVO_RING);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 0);
}

/* One more than that. Expect: it flushes everything, the forgotten range too. */
static void
past_the_ring_everything_is_flushed(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(0), 0);
	assert_true(unit_can_read(1, PAGE(0)));
	for (unsigned i = 0; i <= SALVO_RING; i++)
		request(i, 1, false);
	cpu_1_catches_up();
	assert_null(mmu_cached(1, PAGE(0)));
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 1);
}

/*
 * Ranges that meet or overlap, in any order. Expect: each page is flushed once, what lies between
 * others is left; and what is joined frees tables if a part of it does.
 */
static void
ranges_that_meet_are_joined(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(9), 0);
	assert_true(unit_can_read(1, PAGE(9)));
	request(10, 2, false);
	request(4, 2, false);
	request(5, 3, true);
	request(2, 2, false);
	assert_non_null(mmu_cached_upper(1, PAGE(9)));
	cpu_1_catches_up();
	assert_non_null(mmu_cached(1, PAGE(9)));
	assert_null(mmu_cached_upper(1, PAGE(9)));
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), 6 + 2);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 0);
}

/* Ranges at the ceiling, over it, and over it only together. Expect: one by one, all, all. */
static void
the_ceiling_decides(void **state)
{
	(void)state;
	setup();
	request(0, 8, false);
	cpu_1_catches_up();
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), 8);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 0);
	request(0, 9, false);
	cpu_1_catches_up();
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 1);
	request(0, 5, false);
	request(8, 5, false);
	cpu_1_catches_up();
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 2);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), 8);
}

/* Does a request of a whole space flush all of it, and nothing of other slots? Expect: so. */
static void
a_whole_space_is_flushed(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(31), 0);
	assert_true(unit_can_read(1, PAGE(31)));
	salvo_flush_space(&space->salvo, false);
	assert_null(mmu_cached(1, PAGE(31)));
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 1);
}

/* Huge leaves: does the stride count them as one each? Expect: three leaves are under the ceiling.
 */
static void
the_stride_counts_leaves(void **state)
{
	struct salvo_range range = {
		.start = 0, .end = 3 * mmu_span(2), .stride_shift = SALVO_LEVEL_SHIFT(2)};

	(void)state;
	setup();
	salvo_flush_range(&space->salvo, &range);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), 3);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 0);
}

/* ---- Which kind ---- */

/* Do upper-level entries go just when tables are freed? Expect: kept, then gone. */
static void
tables_flush_the_upper_levels(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	assert_non_null(mmu_cached_upper(1, PAGE(1)));
	request(1, 1, false);
	cpu_1_catches_up();
	assert_null(mmu_cached(1, PAGE(1)));
	assert_non_null(mmu_cached_upper(1, PAGE(1)));
	request(1, 1, true);
	request(2, 1, false);
	cpu_1_catches_up();
	assert_null(mmu_cached_upper(1, PAGE(1)));
}

/* ---- The ring under way ---- */

static bool nested;

/* look_while_claimed: the first time that the entry is being written, CPU 1 catches up. */
static void
look_while_claimed(const struct salvo_word *word)
{
	(void)word;
	for (unsigned i = 0; i < SALVO_RING && !nested; i++)
		if ((salvo_atomic_load(&space->salvo.ring[i].tag) & 1) != 0) {
			nested = true;
			cpu_1_catches_up();
		}
}

/* A CPU catches up while its request is being written down. Expect: it flushes everything. */
static void
a_range_half_written_is_everything(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	nested = false;
	unit_at_step = look_while_claimed;
	request(1, 1, false);
	unit_at_step = NULL;
	assert_true(nested);
	assert_null(mmu_cached(1, PAGE(1)));
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 1);
}

/* rewrite_while_read: after its tag is read an entry gets another request, and another range. */
static void
rewrite_while_read(const struct salvo_word *word)
{
	bool read = false;

	for (unsigned i = 0; i < SALVO_RING; i++)
		read |= word == &space->salvo.ring[i].start;
	if (mmu_self != 1 || !read || nested)
		return;
	nested = true;
	unit_on(0);
	for (unsigned i = 0; i < SALVO_RING; i++)
		request(10, 1, false);
	unit_on(1);
}

/* An entry is overwritten while a CPU reads it. Expect: it is not believed. */
static void
a_range_rewritten_while_read_is_everything(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(10), 0);
	assert_true(unit_can_read(1, PAGE(1)) && unit_can_read(1, PAGE(10)));
	request(1, 1, false);
	nested = false;
	unit_at_step = rewrite_while_read;
	cpu_1_catches_up();
	unit_at_step = NULL;
	assert_true(nested);
	assert_null(mmu_cached(1, PAGE(1)));
	cpu_1_catches_up();
	assert_null(mmu_cached(1, PAGE(10)));
}

static bool overtaken;

/* overtake: while a writer is about to claim an entry, a later request claims it. */
static void
overtake(const struct salvo_word *word)
{
	bool tag = false;

	for (unsigned i = 0; i < SALVO_RING; i++)
		tag |= word == &space->salvo.ring[i].tag;
	if (!tag || overtaken)
		return;
	overtaken = true;
	for (unsigned i = 0; i < SALVO_RING; i++)
		request(10 + i, 1, false);
}

/* A slow writer finds a newer request in its entry. Expect: it leaves it, and nothing is missed. */
static void
a_slow_writer_leaves_the_newer_range(void **state)
{
	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(10 + SALVO_RING - 1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	assert_true(unit_can_read(1, PAGE(10 + SALVO_RING - 1)));
	overtaken = false;
	unit_at_step = overtake;
	request(1, 1, false);
	unit_at_step = NULL;
	cpu_1_catches_up();
	assert_null(mmu_cached(1, PAGE(1)));
	assert_null(mmu_cached(1, PAGE(10 + SALVO_RING - 1)));
}

/* ---- Counters ---- */

/* Requests go on for ever, one CPU present, one away and back. Expect: never a stale entry. */
static void
counters_may_wrap(void **state)
{
	struct host_space *other;

	(void)state;
	setup();
	other = unit_space(0);
	for (unsigned i = 0; i < 100; i++) {
		unit_map(space, PAGE(1), 0);
		assert_true(unit_can_read(1, PAGE(1)) && unit_can_read(0, PAGE(1)));
		if (i % 3 == 0)
			unit_load(1, other);
		unit_unmap(space, PAGE(1));
		for (unsigned n = 0; n < i % 23; n++)
			salvo_flush_page(&space->salvo, PAGE(2));
		unit_load(1, space);
		assert_false(unit_can_read(1, PAGE(1)));
		assert_false(unit_can_read(0, PAGE(1)));
	}
	unit_assert_clean();
}

/*
 * A CPU is away for exactly one turn of the counter: is its slot taken for current?
 * Expect: no: the identity has been renewed.
 */
static void
a_whole_turn_is_not_taken_for_none(void **state)
{
	const unsigned turn = 1u << (SALVO_COUNTER_BITS < 8 ? SALVO_COUNTER_BITS : 8);
	struct host_space *other;
	uintptr_t id;

	(void)state;
	setup();
	other = unit_space(0);
	id = salvo_atomic_load(&space->salvo.id);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	unit_load(1, other);
	unit_unmap(space, PAGE(1));
	for (unsigned i = 1; i < turn; i++)
		salvo_flush_page(&space->salvo, PAGE(2));
	unit_load(1, space);
	assert_false(unit_can_read(1, PAGE(1)));
	assert_int_equal(id != salvo_atomic_load(&space->salvo.id), SALVO_COUNTER_BITS < 8);
	unit_assert_clean();
}

/* The same of a CPU that is lazy meanwhile. Expect: it flushes when it comes back. */
static void
a_lazy_turn_is_not_taken_for_none(void **state)
{
	const unsigned turn = 1u << (SALVO_COUNTER_BITS < 8 ? SALVO_COUNTER_BITS : 8);

	(void)state;
	setup();
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	unit_lazy(1, true);
	unit_unmap(space, PAGE(1));
	for (unsigned i = 1; i < turn; i++)
		salvo_flush_page(&space->salvo, PAGE(2));
	unit_lazy(1, false);
	assert_false(unit_can_read(1, PAGE(1)));
	unit_assert_clean();
}

/* Do the kernel's counters go round, whose identity stays? Expect: nothing is stale. */
static void
kernel_counters_may_wrap(void **state)
{
	uintptr_t value;

	(void)state;
	setup();
	for (unsigned i = 0; i < 70; i++) {
		assert_true(mmu_read(1, MMU_KERNEL_BASE, &value));
		host_kernel_remap(i % HOST_KERNEL_PAGES);
		assert_true(mmu_read(1, MMU_KERNEL_BASE, &value));
	}
	unit_assert_clean();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_few_ranges_are_flushed_alone),
		cmocka_unit_test(past_the_ring_everything_is_flushed),
		cmocka_unit_test(ranges_that_meet_are_joined),
		cmocka_unit_test(the_ceiling_decides),
		cmocka_unit_test(a_whole_space_is_flushed),
		cmocka_unit_test(the_stride_counts_leaves),
		cmocka_unit_test(tables_flush_the_upper_levels),
		cmocka_unit_test(a_range_half_written_is_everything),
		cmocka_unit_test(a_range_rewritten_while_read_is_everything),
		cmocka_unit_test(a_slow_writer_leaves_the_newer_range),
		cmocka_unit_test(counters_may_wrap),
		cmocka_unit_test(a_whole_turn_is_not_taken_for_none),
		cmocka_unit_test(a_lazy_turn_is_not_taken_for_none),
		cmocka_unit_test(kernel_counters_may_wrap),
	};

	return UNIT_RUN(tests);
}
