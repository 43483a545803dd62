// SPDX-License-Identifier: MIT
/*
 * test_later.c: flushes that nobody waits for. See src/later.c.
 */
#include <unit.h>

static struct host_space *space;
static struct salvo_late_gather late[2];
static unsigned over;
static unsigned over_on; /* the CPU that noticed */

static void
is_over(struct salvo_late_gather *gather)
{
	race_expect(gather == &late[0] || gather == &late[1]);
	race_expect(host_self()->irqs_off);
	over++;
	over_on = mmu_self;
}

static void
poll(unsigned cpu)
{
	unsigned me = unit_on(cpu);

	host_poll();
	unit_on(me);
}

static void
start(unsigned cpus)
{
	unit_start(cpus, 1, 0);
	space = unit_space((1u << cpus) - 1);
	over = 0;
}

/* unmap_later: one page, which is nobody's afterwards. */
static void
unmap_later(struct salvo_late_gather *gather, uintptr_t address)
{
	salvo_gather_begin(&gather->gather, &space->salvo, address, address + HOST_PAGE);
	race_expect(salvo_unmap(&gather->gather, address, address + HOST_PAGE) == SALVO_OK);
	salvo_gather_finish_later(gather, is_over);
}

/* ---- When it is over ---- */

/*
 * Two CPUs answer, one after the other. Expect: the call waits for neither, and the page is free
 * when the second has, whichever that is; the CPU that notices is that one.
 */
static void
the_last_to_answer_frees(void **state)
{
	(void)state;
	for (unsigned last = 1; last <= 2; last++) {
		start(3);
		unit_map(space, PAGE(1), 0);
		assert_true(unit_can_read(1, PAGE(1)) && unit_can_read(2, PAGE(1)));
		mmu_change_begin(space->salvo.root, PAGE(1), PAGE(2));
		unmap_later(&late[0], PAGE(1));
		assert_int_equal(unit_log.relaxes, 0);
		assert_int_equal(unit_events(HOST_INTERRUPT), 2);
		poll(3 - last);
		assert_int_equal(unit_events(HOST_FREE_PAGE) + over, 0);
		poll(last);
		mmu_change_end(space->salvo.root, PAGE(1), PAGE(2));
		assert_int_equal(unit_events(HOST_FREE_PAGE), 1);
		assert_true(unit_when(HOST_INVALIDATE_END) < unit_when(HOST_FREE_PAGE));
		assert_int_equal(over, 1);
		assert_int_equal(over_on, last);
		assert_false(unit_can_read(1, PAGE(1)) || unit_can_read(2, PAGE(1)));
		assert_false(salvo_flush_outstanding(&space->salvo));
		unit_assert_clean();
	}
}

/* Nobody else has the space. Expect: it is over when the call returns. */
static void
without_others_it_is_over_at_once(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(1);
	over = 0;
	unit_map(space, PAGE(1), 0);
	unmap_later(&late[0], PAGE(1));
	assert_int_equal(over, 1);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 1);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	unit_assert_clean();
}

/* Nothing was cleared. Expect: the same, and no request. */
static void
nothing_cleared_is_over_at_once(void **state)
{
	(void)state;
	start(2);
	unmap_later(&late[0], PAGE(1));
	assert_int_equal(over, 1);
	assert_int_equal(salvo_atomic_load(&space->salvo.gen), 0);
	unit_assert_clean();
}

/* Another space's CPU has tickets to answer. Expect: that is not waited for. */
static void
cpus_of_other_spaces_are_not_waited_for(void **state)
{
	(void)state;
	start(2);
	unit_load(1, unit_space(0));
	salvo_atomic_add(&host_cpus[1].salvo.asked, 1);
	unit_map(space, PAGE(1), 0);
	unmap_later(&late[0], PAGE(1));
	assert_int_equal(over, 1);
}

/* A table is freed while CPU 1 is lazy. Expect: it is asked, and the table free when it answers. */
static void
tables_wait_for_lazy_cpus(void **state)
{
	(void)state;
	start(2);
	unit_lazy(1, true);
	salvo_gather_begin(&late[0].gather, &space->salvo, 0, PAGE(32));
	assert_true(salvo_gather_table(
		&late[0].gather, mmu_frame_take(MMU_TABLE), 0, SALVO_LEVEL_SHIFT(2)));
	salvo_gather_finish_later(&late[0], is_over);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 0);
	poll(1);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 1);
	assert_int_equal(over, 1);
	unit_assert_clean();
}

/* Somebody else's flush has completed this one. Expect: CPU 2 is not waited for. */
static void
a_later_flush_completes_it(void **state)
{
	(void)state;
	start(3);
	unit_map(space, PAGE(1), 0);
	unmap_later(&late[0], PAGE(1));
	salvo_atomic_store(&space->salvo.done, salvo_atomic_load(&space->salvo.gen));
	poll(1);
	assert_int_equal(over, 1);
}

/* ---- Beside others ---- */

/*
 * Another operation finds the entry clear before CPU 1 has answered. Expect: it flushes for itself,
 * so what it promises holds; and both get an end. With marks in tables too.
 */
static void
unmap_beside(enum host_marks marks)
{
	struct salvo_gather gather;

	start(3);
	host_marks = marks;
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)));
	mmu_change_begin(space->salvo.root, PAGE(1), PAGE(2));
	unmap_later(&late[0], PAGE(1));
	assert_true(salvo_flush_outstanding(&space->salvo));
	unit_on(2);
	salvo_gather_begin(&gather, &space->salvo, PAGE(1), PAGE(2));
	salvo_unmap(&gather, PAGE(1), PAGE(2));
	salvo_gather_finish(&gather);
	unit_on(0);
	mmu_change_end(space->salvo.root, PAGE(1), PAGE(2));
	assert_false(unit_can_read(1, PAGE(1)));
	unit_others_poll();
	assert_int_equal(over, 1);
	assert_false(salvo_flush_outstanding(&space->salvo));
	unit_assert_clean();
}

static void
an_unmap_beside_flushes_for_itself(void **state)
{
	(void)state;
	unmap_beside(HOST_NO_MARKS);
	unmap_beside(HOST_TABLE_MARKS);
}

/* Two of them wait for the same CPU. Expect: one interrupt, and both are over when it answers. */
static void
two_wait_for_one_cpu(void **state)
{
	(void)state;
	start(2);
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(2), 0);
	unmap_later(&late[0], PAGE(1));
	unmap_later(&late[1], PAGE(2));
	assert_int_equal(over, 0);
	poll(1);
	assert_int_equal(over, 2);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	unit_assert_clean();
}

static struct salvo_later inner;
static unsigned inner_over, inner_inside;

static void
inner_is_over(struct salvo_later *later)
{
	race_expect(later == &inner && inner_over == 0);
	inner_over++;
}

/* serve_inside: a flush was put down here while this CPU carries on another. */
static void
serve_inside(struct salvo_later *later)
{
	struct salvo_range range = {
		.start = PAGE(2), .end = PAGE(3), .stride_shift = SALVO_ARCH_PAGE_SHIFT};
	unsigned me = unit_on(2);

	(void)later;
	salvo_flush_later(&space->salvo, &range, &inner, inner_is_over);
	unit_on(me);
	salvo_serve(); /* as a lock does that waits */
	inner_inside += inner_over;
}

/*
 * The owner's callback serves, and CPU 1 takes over another flush inside it. Expect:
 * that one is carried on after the callback, not inside it and not never.
 */
static void
a_callback_may_serve(void **state)
{
	struct salvo_range range = {
		.start = PAGE(1), .end = PAGE(2), .stride_shift = SALVO_ARCH_PAGE_SHIFT};
	struct salvo_later outer;

	(void)state;
	unit_start(3, 1, 0);
	space = unit_space(2);
	inner_over = 0;
	inner_inside = 0;
	salvo_flush_later(&space->salvo, &range, &outer, serve_inside);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	poll(1);
	assert_int_equal(inner_inside, 0);
	assert_int_equal(inner_over, 1);
	unit_assert_clean();
}

/* ---- CPUs that go ---- */

static bool online_at_over;

static void
online_is_over(struct salvo_later *later)
{
	(void)later;
	online_at_over = salvo_shared_cpuset_has(&host_machine.kernel.cpus, mmu_self) &&
			 host_self()->irqs_off;
}

static void
go_offline_on(unsigned cpu)
{
	unsigned me = unit_on(cpu);

	host_self()->irqs_off = true;
	salvo_cpu_offline();
	unit_on(me);
}

/*
 * A CPU goes offline that has not answered. Expect: it hands over what was put down there, to a CPU
 * that stays and is asked to look, and calls nobody back: nobody tells it of kernel mappings.
 */
static void
a_cpu_that_goes_offline_hands_over(void **state)
{
	(void)state;
	start(3);
	unit_map(space, PAGE(1), 0);
	unmap_later(&late[0], PAGE(1));
	go_offline_on(1);
	assert_int_equal(over, 0);
	assert_int_equal(unit_log.events[unit_log.count - 1].event, HOST_INTERRUPT);
	assert_int_equal(unit_log.events[unit_log.count - 1].a, 0);
	host_poll();
	assert_int_equal(over, 0);
	poll(2);
	assert_int_equal(over, 1);
	assert_int_equal(over_on, 2);
	unit_assert_clean();
}

/* The only other one does. Expect: CPU 0 calls back, when it has looked. */
static void
an_offline_cpu_calls_nobody_back(void **state)
{
	(void)state;
	start(2);
	unit_map(space, PAGE(1), 0);
	unmap_later(&late[0], PAGE(1));
	go_offline_on(1);
	assert_int_equal(over, 0);
	host_poll();
	assert_int_equal(over, 1);
	assert_int_equal(over_on, 0);
	unit_assert_clean();
}

/* It comes online, and a flush lies there. Expect: it calls back when it is online, not before. */
static void
a_cpu_calls_back_when_it_is_online(void **state)
{
	struct salvo_later later = {.over = online_is_over, .at = ~0u};

	(void)state;
	start(2);
	go_offline_on(1);
	later.target.space = &space->salvo;
	online_at_over = false;
	salvo_atomic_store(&host_cpus[1].salvo.later, (uintptr_t)&later);
	unit_on(1);
	salvo_cpu_online();
	unit_on(0);
	assert_true(online_at_over);
	unit_assert_clean();
}

static unsigned looks;

/*
 * go_offline: CPU 1 does, when CPU 0 has asked it, found it in the set, and is about to look which
 * ticket it has to answer; and another CPU asks it that had found it in the set as well.
 */
static void
go_offline(const struct salvo_word *word)
{
	if (mmu_self != 0 || word != &host_cpus[1].salvo.asked || ++looks != 2)
		return;
	go_offline_on(1);
	salvo_atomic_add(&host_cpus[1].salvo.asked, 1);
}

/* Expect: nothing is left with a CPU that answers no more. */
static void
nothing_is_left_at_an_offline_cpu(void **state)
{
	(void)state;
	start(2);
	unit_map(space, PAGE(1), 0);
	looks = 0;
	unit_at_step = go_offline;
	unmap_later(&late[0], PAGE(1));
	unit_at_step = NULL;
	assert_true(looks >= 2);
	assert_int_equal(over, 1);
	unit_assert_clean();
}

/* A CPU loads another space before it answers. Expect: it answers all the same, and it is over. */
static void
a_cpu_that_leaves_answers(void **state)
{
	(void)state;
	start(2);
	unit_map(space, PAGE(1), 0);
	unmap_later(&late[0], PAGE(1));
	unit_on(1);
	host_self()->irqs_off = true;
	salvo_space_load(&unit_space(0)->salvo);
	host_self()->irqs_off = false;
	host_poll();
	unit_on(0);
	assert_int_equal(over, 1);
	unit_assert_clean();
}

/* ---- Every schedule ---- */

static const uintptr_t both_pages[] = {PAGE(1), PAGE(2), UINTPTR_MAX};

static void
race_setup(void)
{
	start(2);
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(2), 0);
}

/* The operation's promise is made when it is over; the page is checked by its incarnation. */
static void
first_unmaps(void)
{
	mmu_change_begin(space->salvo.root, PAGE(1), PAGE(2));
	unmap_later(&late[0], PAGE(1));
}

static void
second_unmaps(void)
{
	mmu_change_begin(space->salvo.root, PAGE(2), PAGE(3));
	unmap_later(&late[1], PAGE(2));
}

static void
second_reads(void)
{
	for (unsigned i = 0; i < 3; i++) {
		(void)unit_can_read(1, PAGE(1));
		race_step();
	}
}

static void
second_goes_offline(void)
{
	go_offline_on(1);
}

static unsigned expected;

static void
check_over(void)
{
	unit_others_poll();
	host_poll();
	unit_others_poll();
	race_expect(over == expected);
	race_expect(unit_events(HOST_FREE_PAGE) == expected);
	race_expect(!salvo_flush_outstanding(&space->salvo));
	mmu_changes_reset();
}

/* race_beside: CPU 0 unmaps beside what CPU 1 does; so many are over in the end. */
static void
race_beside(void (*second)(void), unsigned number)
{
	const struct race race = {
		race_setup, {{0, first_unmaps}, {1, second}}, check_over, both_pages};

	expected = number;
	race_run(&race);
}

/* CPU 1 reads, and answers, at any moment. Expect: it never reads a freed page; over once. */
static void
no_page_is_freed_too_early(void **state)
{
	(void)state;
	race_beside(second_reads, 1);
}

/* Two CPUs put down at each other. Expect: both are over, once. */
static void
none_is_lost_between_two(void **state)
{
	(void)state;
	race_beside(second_unmaps, 2);
}

/* CPU 1 goes offline while it is put down there. Expect: it is over. */
static void
none_is_lost_at_a_cpu_that_goes(void **state)
{
	(void)state;
	race_beside(second_goes_offline, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_to_answer_frees),
		cmocka_unit_test(without_others_it_is_over_at_once),
		cmocka_unit_test(nothing_cleared_is_over_at_once),
		cmocka_unit_test(cpus_of_other_spaces_are_not_waited_for),
		cmocka_unit_test(tables_wait_for_lazy_cpus),
		cmocka_unit_test(a_later_flush_completes_it),
		cmocka_unit_test(an_unmap_beside_flushes_for_itself),
		cmocka_unit_test(two_wait_for_one_cpu),
		cmocka_unit_test(a_callback_may_serve),
		cmocka_unit_test(a_cpu_that_goes_offline_hands_over),
		cmocka_unit_test(an_offline_cpu_calls_nobody_back),
		cmocka_unit_test(a_cpu_calls_back_when_it_is_online),
		cmocka_unit_test(nothing_is_left_at_an_offline_cpu),
		cmocka_unit_test(a_cpu_that_leaves_answers),
		cmocka_unit_test(no_page_is_freed_too_early),
		cmocka_unit_test(none_is_lost_between_two),
		cmocka_unit_test(none_is_lost_at_a_cpu_that_goes),
	};

	return UNIT_RUN(tests);
}
