// SPDX-License-Identifier: MIT
/*
 * test_space.c: loading, leaving, lazy mode and slots. See src/space.c.
 */
#include <unit.h>

static struct host_space *space, *other;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

static bool
in_set(unsigned cpu, const struct host_space *of)
{
	return salvo_shared_cpuset_has(&of->salvo.cpus, cpu);
}

/* ---- Load ---- */

/* Is a CPU in the set of just the space that it has loaded? Expect: yes, it leaves the old one. */
static void
a_load_moves_to_the_other_set(void **state)
{
	(void)state;
	unit_start(1, 1, 0);
	space = unit_space(1);
	other = unit_space(0);
	assert_true(in_set(0, space));
	unit_load(0, other);
	assert_true(in_set(0, other));
	assert_false(in_set(0, space));
	unit_load(0, NULL);
	assert_false(in_set(0, other));
	assert_true(salvo_shared_cpuset_has(&host_machine.kernel.cpus, 0));
}

static void
load_setup(void)
{
	unit_start(2, 2, 0);
	space = unit_space(1);
	other = unit_space(0);
	unit_map(space, PAGE(1), 0);
	unit_load(1, other);
	for (unsigned i = 0; i < 5; i++) /* its generation says nothing of the other's */
		salvo_flush_page(&other->salvo, PAGE(2));
	unit_log.count = 0;
}

static void
loaded_setup(void)
{
	load_setup();
	unit_load(1, space);
	unit_can_read(1, PAGE(1));
}

/* reload_setup: where the CPU has had the space before, and keeps its entries under a slot. */
static void
reload_setup(void)
{
	loaded_setup();
	unit_load(1, other);
}

static void
unmap_page(void)
{
	unit_unmap(space, PAGE(1));
}

static void
come_back(void)
{
	unit_load(1, space);
	(void)unit_can_read(1, PAGE(1));
	race_step();
	(void)unit_can_read(1, PAGE(1));
}

static void
page_is_gone(void)
{
	race_expect(!unit_can_read(1, PAGE(1)));
	race_expect(!unit_can_read(0, PAGE(1)));
}

static void
load_beside_flush(void (*setup)(void))
{
	const struct race race = {.setup = setup,
		.actors = {{0, unmap_page}, {1, come_back}},
		.check = page_is_gone,
		.speculate = first_page};

	race_run(&race);
}

/*
 * A CPU loads a space for the first time, while another unmaps a page there and frees it.
 * Expect: it is asked, though its word of the set was not in use yet (-apart), or finds no entry
 * (A).
 */
static void
a_first_load_beside_a_flush_misses_nothing(void **state)
{
	(void)state;
	load_beside_flush(load_setup);
}

/*
 * The same where its TLB has kept the space's entries under a slot. Expect: it is asked, or reads
 * the new generation (A).
 */
static void
a_load_beside_a_flush_misses_nothing(void **state)
{
	(void)state;
	load_beside_flush(reload_setup);
}

static void
join_setup(void)
{
	unit_start(4, 2, 0);
	space = unit_space(1);
	unit_map(space, PAGE(1), 0);
}

static void
join_third(void)
{
	unit_load(2, space);
	(void)unit_can_read(2, PAGE(1));
}

static void
join_last(void)
{
	unit_load(3, space);
	(void)unit_can_read(3, PAGE(1));
}

static void
all_are_asked(void)
{
	unmap_page();
	race_expect(!unit_can_read(2, PAGE(1)));
	race_expect(!unit_can_read(3, PAGE(1)));
}

/*
 * Two CPUs load a space for the first time; a flush follows. Expect: both are asked, though both
 * raised the number of the set's words in use (-apart).
 */
static void
loads_beside_each_other_miss_nothing(void **state)
{
	const struct race race = {.setup = join_setup,
		.actors = {{2, join_third}, {3, join_last}},
		.check = all_are_asked,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
leave_setup(void)
{
	unit_start(2, 2, MMU_CACHES_UPPER);
	space = unit_space(3);
	other = unit_space(0);
	unit_map(space, PAGE(1), 0);
	unit_can_read(1, PAGE(1));
}

static void
free_table(void)
{
	struct salvo_range range = {
		.start = 0, .end = PAGE(32), .stride_shift = SALVO_ARCH_PAGE_SHIFT, .tables = true};
	struct salvo_word *middle = salvo_port_table(
		mmu_frame_in(salvo_atomic_load(salvo_port_table(mmu_frame_in(space->salvo.root)))));
	uintptr_t frame = unit_clear(space, PAGE(1));
	uintptr_t table = mmu_frame_in(salvo_atomic_exchange(middle, 0));

	salvo_flush_range(&space->salvo, &range);
	unit_cleared(space, PAGE(1));
	host_page_put(frame);
	mmu_frame_give(table);
}

static void
go_away(void)
{
	unit_load(1, other);
	race_step();
	unit_load(1, space);
	(void)unit_can_read(1, PAGE(1));
}

/*
 * A CPU leaves a space, and comes back, while another frees one of its tables.
 * Expect: the walker is never in it: the set is left after the root is unloaded.
 */
static void
leaving_beside_a_flush_misses_nothing(void **state)
{
	const struct race race = {.setup = leave_setup,
		.actors = {{0, free_table}, {1, go_away}},
		.check = page_is_gone,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

/* ---- Slots ---- */

/* What does a tagged TLB keep over a switch? Expect: its entries, if nothing was flushed. */
static void
slots_keep_entries(void **state)
{
	(void)state;
	unit_start(2, 2, 0);
	space = unit_space(1);
	other = unit_space(0);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(0, PAGE(1)));
	unit_load(0, other);
	assert_null(mmu_cached(0, PAGE(1)));
	unit_load(0, space);
	assert_non_null(mmu_cached(0, PAGE(1)));
	unit_load(0, other);
	unit_on(1);
	unit_unmap(space, PAGE(1));
	unit_on(0);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	unit_load(0, space);
	assert_false(unit_can_read(0, PAGE(1)));
	unit_assert_clean();
}

/* And an untagged one? Expect: nothing. */
static void
without_slots_a_load_flushes(void **state)
{
	(void)state;
	unit_start(1, 1, 0);
	space = unit_space(1);
	other = unit_space(0);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(0, PAGE(1)));
	unit_load(0, other);
	assert_false(unit_can_read(0, PAGE(1)));
	unit_load(0, space);
	assert_null(mmu_cached(0, PAGE(1)));
}

/* More spaces than slots: does one see another's entries? Expect: never; victims are flushed. */
static void
an_evicted_slot_starts_empty(void **state)
{
	struct host_space *spaces[5];

	(void)state;
	unit_start(1, 3, 0);
	for (unsigned i = 0; i < 5; i++) {
		spaces[i] = unit_space(1);
		if (i % 2 == 0)
			unit_map(spaces[i], PAGE(1), 0);
	}
	for (unsigned i = 0; i < 40; i++) {
		unsigned n = i * 7 % 5;

		unit_load(0, spaces[n]);
		assert_int_equal(unit_can_read(0, PAGE(1)), n % 2 == 0);
	}
	unit_assert_clean();
}

/* A space's memory is used for a new space: does the new one find the old one's slot? Expect: no.
 */
static void
a_new_space_has_a_new_identity(void **state)
{
	uintptr_t id;

	(void)state;
	unit_start(1, 4, 0);
	space = unit_space(1);
	unit_map(space, PAGE(1), 0);
	host_mmap(&space->areas[0], false, 0);
	assert_true(unit_can_read(0, PAGE(1)));
	id = salvo_atomic_load(&space->salvo.id);
	unit_load(0, NULL);
	host_space_put(space);
	other = unit_space(1);
	assert_ptr_equal(other, space);
	assert_int_not_equal(salvo_atomic_load(&other->salvo.id), id);
	assert_false(unit_can_read(0, PAGE(1)));
	unit_assert_clean();
}

/* ---- Lazy ---- */

static void
lazy_and_back(void)
{
	uintptr_t irqs = salvo_port_irq_save();

	salvo_lazy_enter();
	salvo_port_irq_restore(irqs);
	race_step();
	irqs = salvo_port_irq_save();
	salvo_lazy_leave();
	salvo_port_irq_restore(irqs);
	(void)unit_can_read(1, PAGE(1));
	race_step();
	(void)unit_can_read(1, PAGE(1));
}

/* A CPU goes lazy and back while another unmaps. Expect: it is asked, or catches up (A). */
static void
lazy_mode_beside_a_flush_misses_nothing(void **state)
{
	const struct race race = {.setup = loaded_setup,
		.actors = {{0, unmap_page}, {1, lazy_and_back}},
		.check = page_is_gone,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
lazy_elsewhere_setup(void)
{
	reload_setup();
	unit_lazy(1, true);
}

/* A lazy CPU loads another space beside a flush there. Expect: lazy mode ends before it joins. */
static void
a_load_ends_lazy_mode_first(void **state)
{
	const struct race race = {.setup = lazy_elsewhere_setup,
		.actors = {{0, unmap_page}, {1, come_back}},
		.check = page_is_gone,
		.speculate = first_page};

	(void)state;
	race_run(&race);
	assert_int_equal(salvo_atomic_load(&host_cpus[1].salvo.lazy), 0);
}

/* When may an NMI touch user memory? Expect: only with a space loaded and not lazy. */
static void
user_access_is_told(void **state)
{
	(void)state;
	unit_start(1, 1, 0);
	assert_false(salvo_user_access_ok());
	space = unit_space(1);
	assert_true(salvo_user_access_ok());
	unit_lazy(0, true);
	assert_false(salvo_user_access_ok());
	unit_lazy(0, false);
	assert_true(salvo_user_access_ok());
	unit_load(0, NULL);
	assert_false(salvo_user_access_ok());
}

/* ---- Preconditions ---- */

/* Are broken preconditions told? Expect: one for each call made with interrupts on. */
static void
preconditions_are_checked(void **state)
{
	(void)state;
	unit_start(1, 1, 0);
	space = unit_space(1);
	salvo_lazy_enter();
	salvo_lazy_leave();
	salvo_space_load(&host_machine.kernel);
	assert_true(unit_log.broken >= 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_load_moves_to_the_other_set),
		cmocka_unit_test(a_first_load_beside_a_flush_misses_nothing),
		cmocka_unit_test(a_load_beside_a_flush_misses_nothing),
		cmocka_unit_test(loads_beside_each_other_miss_nothing),
		cmocka_unit_test(leaving_beside_a_flush_misses_nothing),
		cmocka_unit_test(slots_keep_entries),
		cmocka_unit_test(without_slots_a_load_flushes),
		cmocka_unit_test(an_evicted_slot_starts_empty),
		cmocka_unit_test(a_new_space_has_a_new_identity),
		cmocka_unit_test(lazy_mode_beside_a_flush_misses_nothing),
		cmocka_unit_test(a_load_ends_lazy_mode_first),
		cmocka_unit_test(user_access_is_told),
		cmocka_unit_test(preconditions_are_checked),
	};

	return UNIT_RUN(tests);
}
