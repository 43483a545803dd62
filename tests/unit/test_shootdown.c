// SPDX-License-Identifier: MIT
/*
 * test_shootdown.c: who is interrupted, who waits for whom. See src/shootdown.c.
 */
#include <unit.h>

static struct host_space *space;

/* Does a flush reach the other CPU, and this one? Expect: both fault afterwards. */
static void
every_cpu_forgets(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(3);
	unit_map(space, PAGE(1), MMU_WRITE);
	assert_true(unit_can_read(0, PAGE(1)) && unit_can_read(1, PAGE(1)));
	unit_clear(space, PAGE(1));
	assert_true(unit_can_read(0, PAGE(1)));
	assert_true(unit_can_read(1, PAGE(1)));
	unit_flush(0, space, PAGE(1));
	unit_cleared(space, PAGE(1));
	assert_false(unit_can_read(0, PAGE(1)));
	assert_false(unit_can_read(1, PAGE(1)));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 1);
	assert_int_equal(unit_stat(1, nr_tlb_remote_flush_received), 1);
	unit_assert_clean();
}

/* Is a CPU that never had the space left alone? Expect: one interrupt, to CPU 1. */
static void
cpus_outside_the_set_are_left_alone(void **state)
{
	(void)state;
	unit_start(4, 1, 0);
	space = unit_space(3);
	unit_flush(0, space, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_log.events[unit_when(HOST_INTERRUPT)].a, 1);
	assert_int_equal(unit_stat(0, nr_interrupts_sent), 1);
}

/* ---- Joining ---- */

static void
second_initiator(void)
{
	unit_at_relax = unit_others_poll;
	unit_flush(2, space, PAGE(2));
}

/*
 * CPU 1 has not answered CPU 0: does CPU 2's request interrupt it again?
 * Expect: it joins: one interrupt of CPU 1, and both entries gone.
 */
static void
an_unanswered_interrupt_is_joined(void **state)
{
	(void)state;
	unit_start(3, 1, 0);
	space = unit_space(2);
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(2), 0);
	assert_true(unit_can_read(1, PAGE(1)) && unit_can_read(1, PAGE(2)));
	unit_clear(space, PAGE(1));
	unit_clear(space, PAGE(2));
	unit_at_relax = second_initiator;
	unit_flush(0, space, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_stat(2, nr_interrupts_joined), 1);
	unit_cleared(space, PAGE(1));
	unit_cleared(space, PAGE(2));
	assert_false(unit_can_read(1, PAGE(1)));
	assert_false(unit_can_read(1, PAGE(2)));
	unit_assert_clean();
}

/* ---- Answers that come before the flush ---- */

static unsigned answered_early, careless;

/* watch: when CPU 1 says that it has answered: has it the page cached, and may an NMI use it? */
static void
watch(enum host_event event, uintptr_t a, uintptr_t b)
{
	(void)b;
	if (event == HOST_RELAX)
		unit_others_poll();
	if (event != HOST_TRACE || a != SALVO_EVENT_SERVE || mmu_cached(1, 0) == NULL)
		return;
	assert_int_equal(mmu_self, 1);
	answered_early++;
	careless += salvo_user_access_ok();
}

/* answers_early: CPU 0 flushes page 0, which CPU 1 has cached; whether CPU 1 answers before. */
static bool
answers_early(unsigned rules, unsigned stride_shift, bool tables)
{
	struct salvo_range range = {.end = (uintptr_t)1 << stride_shift,
		.stride_shift = stride_shift,
		.tables = tables};

	unit_start(2, 1, rules);
	space = unit_space(3);
	unit_map(space, 0, 0);
	assert_true(unit_can_read(1, 0));
	unit_clear(space, 0);
	answered_early = 0;
	careless = 0;
	host_hook = watch;
	salvo_flush_range(&space->salvo, &range);
	unit_cleared(space, 0);
	assert_int_equal(careless, 0);
	assert_true(salvo_user_access_ok());
	unit_on(1);
	assert_true(salvo_user_access_ok());
	assert_int_equal(unit_stat(1, nr_answered_early), answered_early != 0);
	unit_assert_clean();
	return answered_early != 0;
}

/*
 * When may a CPU answer before it has flushed? Expect: for leaves of the space that it has loaded,
 * and no NMI may use them meanwhile; not for tables or huge leaves, nor where two translations may
 * not meet.
 */
static void
leaves_are_answered_before_the_flush(void **state)
{
	(void)state;
	assert_true(answers_early(0, SALVO_LEVEL_SHIFT(1), false));
	assert_false(answers_early(0, SALVO_LEVEL_SHIFT(1), true));
	assert_false(answers_early(0, SALVO_LEVEL_SHIFT(2), false));
	assert_false(answers_early(MMU_NEEDS_BREAK, SALVO_LEVEL_SHIFT(1), false));
}

/* Is an interrupt that finds nothing harmless? Expect: it counts as received, nothing else. */
static void
a_late_interrupt_finds_nothing(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	unit_on(1);
	host_self()->irqs_off = true;
	salvo_interrupt();
	host_self()->irqs_off = false;
	unit_on(0);
	assert_int_equal(unit_stat(1, nr_tlb_remote_flush_received), 1);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_all), 0);
	unit_assert_clean();
}

/* Does salvo_flush_outstanding tell between request and completion? Expect: false, true, false. */
static void
outstanding_flushes_are_told(void **state)
{
	struct salvo_range range = {.start = PAGE(1), .end = PAGE(2), .stride_shift = 8};
	uintptr_t gen;

	(void)state;
	unit_start(1, 1, 0);
	space = unit_space(1);
	assert_false(salvo_flush_outstanding(&space->salvo));
	gen = salvo_request(&space->salvo, &range);
	assert_true(salvo_flush_outstanding(&space->salvo));
	salvo_complete(&space->salvo, gen, false);
	assert_false(salvo_flush_outstanding(&space->salvo));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cpu_forgets),
		cmocka_unit_test(cpus_outside_the_set_are_left_alone),
		cmocka_unit_test(an_unanswered_interrupt_is_joined),
		cmocka_unit_test(leaves_are_answered_before_the_flush),
		cmocka_unit_test(a_late_interrupt_finds_nothing),
		cmocka_unit_test(outstanding_flushes_are_told),
	};

	return UNIT_RUN(tests);
}
