// SPDX-License-Identifier: MIT
/*
 * test_shootdown_wait.c: who waits for whom, and when that ends. See src/shootdown.c.
 */
#include <unit.h>

static struct host_space *space;

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
two_cpus_flush_each_other(void **state)
{
	const struct race race = {.setup = mutual_setup,
		.actors = {{0, unmap_first}, {1, unmap_second}},
		.check = nothing_more,
		.speculate = two_pages};

	(void)state;
	race_run(&race);
}

/* other: CPU 1's, as `space` is CPU 0's. Both are lazy: what they ask for is not their own. */
static struct host_space *other;

static void
lazy_setup(void)
{
	unit_start(2, 1, 0);
	space = unit_space(1);
	other = unit_space(2);
	unit_lazy(0, true);
	unit_lazy(1, true);
}

static void
flush_masked(struct host_space *of)
{
	uintptr_t irqs = salvo_port_irq_save();

	salvo_flush_space(&of->salvo, true);
	salvo_port_irq_restore(irqs);
}

static void
flush_other(void)
{
	flush_masked(other);
}

static void
flush_space(void)
{
	flush_masked(space);
}

static void
both_forgot(void)
{
	race_expect(unit_stat(0, nr_tlb_local_flush_all) != 0);
	race_expect(unit_stat(1, nr_tlb_local_flush_all) != 0);
}

/*
 * Each waits with interrupts off for the other to forget upper-level entries, which it would not do
 * for its own request. Expect: both end.
 */
static void
waiting_with_interrupts_off_serves(void **state)
{
	const struct race race = {.setup = lazy_setup,
		.actors = {{0, flush_other}, {1, flush_space}},
		.check = both_forgot};

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
	unit_flush(0, space, PAGE(1));
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
	unit_hold_irqs(1, true);
	unit_at_relax = cpu_1_leaves;
	unit_flush(0, space, PAGE(1));
	assert_int_equal(unit_stat(1, nr_tlb_remote_flush_received), 0);
	assert_int_equal(unit_log.relaxes, 1);
}

static void
cpu_1_answers(void)
{
	unit_hold_irqs(1, false);
}

/* cpu_1_catches_up: it leaves lazy mode, with interrupts off; then it takes its interrupts. */
static void
cpu_1_catches_up(void)
{
	unit_lazy(1, true);
	unit_lazy(1, false);
	unit_at_relax = cpu_1_answers;
}

/* The CPU waited for flushes by itself, its interrupts still off. Expect: the wait ends. */
static void
a_wait_ends_when_the_cpu_has_flushed(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(3);
	unit_hold_irqs(1, true);
	unit_at_relax = cpu_1_catches_up;
	unit_flush(0, space, PAGE(1));
	assert_int_equal(unit_stat(1, nr_tlb_remote_flush_received), 0);
	assert_int_equal(unit_log.relaxes, 1);
}

static void
wait_35(void)
{
	if (unit_log.relaxes == 35)
		unit_hold_irqs(1, false);
}

/* A CPU is silent for 3.5 limits. Expect: three reports that name it, and the wait goes on. */
static void
silence_is_reported_once_a_limit(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	host_machine.stall_ns = 1000;
	space = unit_space(3);
	unit_hold_irqs(1, true);
	unit_clock_step = 100;
	unit_at_relax = wait_35;
	unit_flush(0, space, PAGE(1));
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
	unit_hold_irqs(1, true);
	unit_clock_step = 100;
	unit_at_relax = wait_35;
	unit_flush(0, space, PAGE(1));
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_cpus_flush_each_other),
		cmocka_unit_test(waiting_with_interrupts_off_serves),
		cmocka_unit_test(a_page_is_not_used_once_freed),
		cmocka_unit_test(a_handler_joins_no_unraised_ticket),
		cmocka_unit_test(a_wait_ends_when_the_cpu_has_left),
		cmocka_unit_test(a_wait_ends_when_the_cpu_has_flushed),
		cmocka_unit_test(silence_is_reported_once_a_limit),
		cmocka_unit_test(no_limit_reports_nothing),
		cmocka_unit_test(serving_ends_with_an_interrupt_to_oneself),
		cmocka_unit_test(no_request_is_lost_while_answering),
	};

	return UNIT_RUN(tests);
}
