// SPDX-License-Identifier: MIT
/*
 * test_mmu.c: the software MMU itself: a judge that never objects proves nothing.
 */
#include <unit.h>

static struct host_space *space;

static void
setup(unsigned rules)
{
	unit_start(1, 1, rules);
	space = unit_space(1);
	unit_map(space, PAGE(1), MMU_WRITE);
}

static salvo_pte
entry_now(void)
{
	return salvo_atomic_load(host_entry(space->salvo.root, PAGE(1), false, NULL));
}

/* Are Accessed and Dirty set by what needs them? Expect: by a read one, by a write both. */
static void
accesses_mark_the_entry(void **state)
{
	(void)state;
	setup(0);
	assert_true(unit_can_read(0, PAGE(1)));
	assert_int_equal(entry_now() & (MMU_ACCESSED | MMU_DIRTY), MMU_ACCESSED);
	assert_true(unit_can_write(0, PAGE(1)));
	assert_int_equal(entry_now() & (MMU_ACCESSED | MMU_DIRTY), MMU_ACCESSED | MMU_DIRTY);
	assert_false(mmu_fetch(0, PAGE(1)));
	assert_false(unit_can_read(0, PAGE(2)));
}

/* Speculation: does it cache, and mark accessed, without an access? Expect: both, and not Dirty. */
static void
speculation_fills_the_tlb(void **state)
{
	(void)state;
	setup(0);
	mmu_speculate(0, PAGE(1));
	assert_non_null(mmu_cached(0, PAGE(1)));
	assert_int_equal(entry_now() & (MMU_ACCESSED | MMU_DIRTY), MMU_ACCESSED);
}

/* An entry of a page that was freed, used. Expect: invariant 1, also if the frame has a new owner.
 */
static void
a_freed_page_is_noticed(void **state)
{
	uintptr_t freed, taken;

	(void)state;
	setup(0);
	unit_can_read(0, PAGE(1));
	freed = unit_clear(space, PAGE(1));
	host_page_put(freed);
	unit_can_read(0, PAGE(1));
	assert_int_equal(unit_log.violations[MMU_STALE_PAGE], 1);
	taken = host_page_new();
	assert_int_equal(taken, freed);
	unit_can_read(0, PAGE(1));
	assert_int_equal(unit_log.violations[MMU_STALE_PAGE], 2);
}

/* An entry that is promised to be gone, its page alive. Expect: invariant 1. */
static void
a_broken_promise_of_absence_is_noticed(void **state)
{
	(void)state;
	setup(0);
	unit_can_read(0, PAGE(1));
	unit_clear(space, PAGE(1));
	unit_can_read(0, PAGE(1));
	assert_int_equal(unit_log.violations[MMU_STALE_PAGE], 0);
	unit_cleared(space, PAGE(1));
	unit_can_read(0, PAGE(1));
	assert_int_equal(unit_log.violations[MMU_STALE_PAGE], 1);
}

/* A right that is promised to be gone. Expect: invariant 5, and only if that right is used. */
static void
a_larger_right_is_noticed(void **state)
{
	struct salvo_word *entry;

	(void)state;
	setup(0);
	unit_can_write(0, PAGE(1));
	entry = host_entry(space->salvo.root, PAGE(1), false, NULL);
	salvo_atomic_and(entry, ~MMU_WRITE);
	unit_can_read(0, PAGE(1));
	assert_int_equal(unit_log.violations[MMU_STALE_RIGHT], 0);
	unit_can_write(0, PAGE(1));
	assert_int_equal(unit_log.violations[MMU_STALE_RIGHT], 1);
}

/* A walk through a table that was freed. Expect: invariant 3. */
static void
a_freed_table_is_noticed(void **state)
{
	uintptr_t table;

	(void)state;
	setup(MMU_CACHES_UPPER);
	unit_can_read(0, PAGE(1));
	host_entry(space->salvo.root, PAGE(1), false, &table);
	mmu_frame_give(table);
	mmu_speculate(0, PAGE(2));
	assert_int_equal(unit_log.violations[MMU_FREED_TABLE], 1);
}

/* A store through a cached clean entry, the tables changed meanwhile. Expect: as the rules say. */
static void
clean_writes_trap_or_pass(void **state)
{
	(void)state;
	setup(0);
	unit_can_read(0, PAGE(1));
	unit_clear(space, PAGE(1));
	assert_false(unit_can_write(0, PAGE(1)));
	setup(MMU_CLEAN_WRITE_PASSES);
	unit_can_read(0, PAGE(1));
	assert_true(unit_can_write(0, PAGE(1)));
	assert_true((entry_now() & MMU_DIRTY) != 0);
	setup(MMU_CLEAN_WRITE_PASSES);
	unit_can_read(0, PAGE(1));
	unit_clear(space, PAGE(1));
	assert_true(unit_can_write(0, PAGE(1)));
	assert_int_equal(entry_now(), 0);
}

/* A flush whose stride is larger than the leaves. Expect: it misses those in between. */
static void
too_large_a_stride_misses(void **state)
{
	(void)state;
	setup(0);
	unit_can_read(0, PAGE(1));
	mmu_flush_range(0, mmu_span(2), SALVO_LEVEL_SHIFT(2), false);
	assert_non_null(mmu_cached(0, PAGE(1)));
	mmu_flush_range(0, mmu_span(2), SALVO_ARCH_PAGE_SHIFT, false);
	assert_null(mmu_cached(0, PAGE(1)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accesses_mark_the_entry),
		cmocka_unit_test(speculation_fills_the_tlb),
		cmocka_unit_test(a_freed_page_is_noticed),
		cmocka_unit_test(a_broken_promise_of_absence_is_noticed),
		cmocka_unit_test(a_larger_right_is_noticed),
		cmocka_unit_test(a_freed_table_is_noticed),
		cmocka_unit_test(clean_writes_trap_or_pass),
		cmocka_unit_test(too_large_a_stride_misses),
	};

	return UNIT_RUN(tests);
}
