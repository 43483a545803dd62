// SPDX-License-Identifier: MIT
/*
 * test_shootdown.c: who is interrupted, who waits for whom. See src/shootdown.c.
 */
#include <unit.h>

static struct host_space *space;

static void
flush(unsigned cpu, uintptr_t address)
{
	unsigned before = unit_on(cpu);

	salvo_flush_page(&space->salvo, address);
	unit_on(before);
}

static void
hold_irqs(unsigned cpu, bool off)
{
	unsigned before = unit_on(cpu);

	salvo_port_irq_restore(off);
	unit_on(before);
}

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
	flush(0, PAGE(1));
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
	flush(0, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_log.events[unit_when(HOST_INTERRUPT)].a, 1);
	assert_int_equal(unit_stat(0, nr_interrupts_sent), 1);
}

/* ---- Joining ---- */

static void
second_initiator(void)
{
	unit_at_relax = unit_others_poll;
	flush(2, PAGE(2));
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
	flush(0, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_stat(2, nr_interrupts_joined), 1);
	unit_cleared(space, PAGE(1));
	unit_cleared(space, PAGE(2));
	assert_false(unit_can_read(1, PAGE(1)));
	assert_false(unit_can_read(1, PAGE(2)));
	unit_assert_clean();
}

/* ---- Waiting ---- */

static void
mutual_setup(void)
{
	unit_start(2, 1, 0);
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(2), 0);
}

/* run_masked: unmap a page and free it, interrupts off from start to end. */
static void
run_masked(uintptr_t address)
{
	uintptr_t irqs = salvo_port_irq_save();

	unit_unmap(space, address);
	salvo_port_irq_restore(irqs);
	(void)unit_can_read(mmu_self, PAGE(1));
	(void)unit_can_read(mmu_self, PAGE(2));
}

static void
unmap_first(void)
{
	run_masked(PAGE(1));
}

static void
unmap_second(void)
{
	run_masked(PAGE(2));
}

static void
nothing_more(void)
{
	race_expect(!unit_can_read(0, PAGE(1)) && !unit_can_read(1, PAGE(1)));
	race_expect(!unit_can_read(0, PAGE(2)) && !unit_can_read(1, PAGE(2)));
	race_expect(unit_events(HOST_INTERRUPT) <= 4);
}

static const uintptr_t two_pages[] = {PAGE(1), PAGE(2), UINTPTR_MAX};

/* Two CPUs flush each other with interrupts off. Expect: both end, and no page is used after. */
static void
waiting_with_interrupts_off_serves(void **state)
{
	const struct race race = {.setup = mutual_setup,
		.actors = {{0, unmap_first}, {1, unmap_second}},
		.check = nothing_more,
		.speculate = two_pages};

	(void)state;
	race_run(&race);
}

static void
unmap_with_irqs_on(void)
{
	unit_unmap(space, PAGE(1));
}

static void
use_pages(void)
{
	for (unsigned i = 0; i < 3; i++) {
		(void)unit_can_read(mmu_self, PAGE(1));
		race_step();
	}
}

/* A CPU uses a page while another unmaps and frees it. Expect: it faults, or finds the page. */
static void
a_page_is_not_used_once_freed(void **state)
{
	const struct race race = {.setup = mutual_setup,
		.actors = {{0, unmap_with_irqs_on}, {1, use_pages}},
		.check = unit_others_poll,
		.speculate = two_pages};

	(void)state;
	race_run(&race);
}

static bool handled;

/* flush_from_a_handler: as soon as interrupts are on after the ticket, a handler here flushes too.
 */
static void
flush_from_a_handler(const struct salvo_word *word)
{
	(void)word;
	if (mmu_self != 0 || handled || host_self()->irqs_off ||
		salvo_atomic_load(&host_cpus[1].salvo.asked) == 0)
		return;
	handled = true;
	salvo_flush_page(&space->salvo, PAGE(2));
}

/*
 * An interrupt handler flushes, on the CPU that has just taken a ticket.
 * Expect: it does not join a ticket whose interrupt is not raised yet, and wait for ever.
 */
static void
a_handler_joins_no_unraised_ticket(void **state)
{
	(void)state;
	mutual_setup();
	handled = false;
	unit_at_step = flush_from_a_handler;
	flush(0, PAGE(1));
	unit_at_step = NULL;
	assert_true(handled);
}

/* ---- Ends ---- */

static void
cpu_1_leaves(void)
{
	unit_load(1, NULL);
	unit_at_relax = unit_others_poll;
}

/* The CPU waited for switches away, its interrupts still off. Expect: the wait ends. */
static void
a_wait_ends_when_the_cpu_has_left(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(3);
	hold_irqs(1, true);
	unit_at_relax = cpu_1_leaves;
	flush(0, PAGE(1));
	assert_int_equal(unit_stat(1, nr_tlb_remote_flush_received), 0);
	assert_int_equal(unit_log.relaxes, 1);
}

static void
wait_35(void)
{
	if (unit_log.relaxes == 35)
		hold_irqs(1, false);
}

/* A CPU is silent for 3.5 limits. Expect: three reports that name it, and the wait goes on. */
static void
silence_is_reported_once_a_limit(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	host_machine.stall_ns = 1000;
	space = unit_space(3);
	hold_irqs(1, true);
	unit_clock_step = 100;
	unit_at_relax = wait_35;
	flush(0, PAGE(1));
	assert_int_equal(unit_log.stalls, 3);
	assert_int_equal(unit_log.stall.cpu, 1);
	assert_int_equal(unit_log.stall.gen, 1);
	assert_int_equal(unit_log.stall.space_id, salvo_atomic_load(&space->salvo.id));
	assert_true(unit_log.stall.waited_ns >= 1000);
}

/* Does a limit of 0 report nothing? Expect: no report. */
static void
no_limit_reports_nothing(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	host_machine.stall_ns = 0;
	space = unit_space(3);
	hold_irqs(1, true);
	unit_clock_step = 100;
	unit_at_relax = wait_35;
	flush(0, PAGE(1));
	assert_int_equal(unit_log.stalls, 0);
}

static unsigned asks;

/* ask_again: each time that CPU 1 answers, somebody asks anew, ten times. */
static void
ask_again(enum host_event event, uintptr_t a, uintptr_t b)
{
	(void)b;
	if (event == HOST_INTERRUPT)
		unit_log.count += a == 1;
	if (event != HOST_TRACE || a != SALVO_EVENT_SERVE || asks == 10)
		return;
	asks++;
	salvo_atomic_add(&host_cpus[1].salvo.asked, 1);
}

/*
 * Requests never stop coming while a CPU serves. Expect: its handler ends after a few rounds with
 * an interrupt to itself, and all are answered in the end.
 */
static void
serving_ends_with_an_interrupt_to_oneself(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	asks = 0;
	host_hook = ask_again;
	unit_on(1);
	host_self()->irqs_off = true;
	salvo_atomic_add(&host_cpus[1].salvo.asked, 1);
	salvo_interrupt();
	assert_int_equal(asks, SALVO_SERVE_ROUNDS);
	assert_int_equal(unit_log.count, 1);
	assert_int_not_equal(salvo_atomic_load(&host_cpus[1].interrupted), 0);
	salvo_port_irq_restore(0);
	assert_int_equal(asks, 10);
	assert_int_equal(salvo_atomic_load(&host_cpus[1].salvo.answered), 11);
	unit_on(0);
}

static void
three_setup(void)
{
	unit_start(3, 1, 0);
	space = unit_space(7);
	unit_map(space, PAGE(1), 0);
	unit_map(space, PAGE(2), 0);
}

static void
unmap_second_with_irqs_on(void)
{
	unit_unmap(space, PAGE(2));
}

/*
 * CPU 1 answers CPU 0 while CPU 2 asks it. Expect: each wait ends: nobody joins a ticket of a CPU
 * that has looked for the last time (B).
 */
static void
no_request_is_lost_while_answering(void **state)
{
	const struct race race = {.setup = three_setup,
		.actors = {{0, unmap_with_irqs_on}, {2, unmap_second_with_irqs_on}},
		.check = nothing_more,
		.speculate = two_pages};

	(void)state;
	race_run(&race);
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
		cmocka_unit_test(waiting_with_interrupts_off_serves),
		cmocka_unit_test(a_page_is_not_used_once_freed),
		cmocka_unit_test(a_handler_joins_no_unraised_ticket),
		cmocka_unit_test(a_wait_ends_when_the_cpu_has_left),
		cmocka_unit_test(silence_is_reported_once_a_limit),
		cmocka_unit_test(no_limit_reports_nothing),
		cmocka_unit_test(serving_ends_with_an_interrupt_to_oneself),
		cmocka_unit_test(no_request_is_lost_while_answering),
		cmocka_unit_test(leaves_are_answered_before_the_flush),
		cmocka_unit_test(a_late_interrupt_finds_nothing),
		cmocka_unit_test(outstanding_flushes_are_told),
	};

	return UNIT_RUN(tests);
}
