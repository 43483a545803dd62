// SPDX-License-Identifier: MIT
/*
 * test_gather_small.c: a gather on small machines: one that has a single CPU, and one that cannot
 * gather: it has room for one run and no memory for more. See src/gather.c; the limits are those of
 * the build.
 */
#include <unit.h>

#define CPUS  (SALVO_MAX_CPUS > 1 ? 2u : 1u)
#define PAGES 6u

static struct host_space *space;

static void
setup(void)
{
	unit_start(CPUS, 1, 0);
	salvo_atomic_store(&host_chunks_left, 0);
	space = unit_space((1u << CPUS) - 1);
	for (unsigned i = 0; i < PAGES; i++) {
		unit_map(space, PAGE(i), 0);
		mmu_frame_take(MMU_BOOK); /* a hole, so that runs do not join */
		for (unsigned cpu = 0; cpu < CPUS; cpu++)
			assert_true(unit_can_read(cpu, PAGE(i)));
	}
}

static void
check(unsigned flushes)
{
	assert_int_equal(unit_events(HOST_FREE_PAGE), PAGES);
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), PAGES);
	assert_int_equal(salvo_atomic_load(&space->salvo.gen), flushes);
	assert_int_equal(unit_events(HOST_INTERRUPT), (CPUS - 1) * flushes);
	for (unsigned i = 0; i < PAGES; i++)
		for (unsigned cpu = 0; cpu < CPUS; cpu++)
			assert_false(unit_can_read(cpu, PAGE(i)));
	assert_false(salvo_flush_outstanding(&space->salvo));
	unit_assert_clean();
}

/*
 * More pages are unmapped than there is room for. Expect: a flush each time the room is used up,
 * after which its pages are free; with a single CPU no interrupt at all.
 */
static void
each_roomful_is_flushed(void **state)
{
	struct salvo_gather gather;

	(void)state;
	setup();
	mmu_change_begin(space->salvo.root, 0, PAGE(PAGES));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(PAGES));
	assert_int_equal(salvo_unmap(&gather, 0, PAGE(PAGES)), SALVO_OK);
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, 0, PAGE(PAGES));
	check((PAGES + SALVO_GATHER_INLINE - 1) / SALVO_GATHER_INLINE);
}

static unsigned over;

static void
is_over(struct salvo_late_gather *late)
{
	(void)late;
	over++;
}

/*
 * The same, and the last flush, if one is left, is not waited for. Expect: the same, once all CPUs
 * have answered.
 */
static void
the_last_one_may_be_late(void **state)
{
	struct salvo_late_gather late;

	(void)state;
	setup();
	over = 0;
	mmu_change_begin(space->salvo.root, 0, PAGE(PAGES));
	salvo_gather_begin(&late.gather, &space->salvo, 0, PAGE(PAGES));
	assert_int_equal(salvo_unmap(&late.gather, 0, PAGE(PAGES)), SALVO_OK);
	salvo_gather_finish_later(&late, is_over);
	assert_int_equal(over, CPUS == 1 || PAGES % SALVO_GATHER_INLINE == 0);
	unit_others_poll();
	mmu_change_end(space->salvo.root, 0, PAGE(PAGES));
	assert_int_equal(over, 1);
	check((PAGES + SALVO_GATHER_INLINE - 1) / SALVO_GATHER_INLINE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_roomful_is_flushed),
		cmocka_unit_test(the_last_one_may_be_late),
	};

	return UNIT_RUN(tests);
}
