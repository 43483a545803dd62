// SPDX-License-Identifier: MIT
/*
 * test_space_life.c: spaces that are destroyed, CPUs that come and go. See src/space.c.
 */
#include <unit.h>

static struct host_space *space, *other;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};
static const uintptr_t page_and_kernel[] = {PAGE(1), MMU_KERNEL_BASE + HOST_PAGE, UINTPTR_MAX};

static void
page_is_gone(void)
{
	race_expect(!unit_can_read(1, PAGE(1)));
	race_expect(!unit_can_read(0, PAGE(1)));
}

/* ---- Destroy ---- */

/* A space dies that two lazy CPUs hold, one of them the destroyer. Expect: both let go of it. */
static void
lazy_cpus_let_go_of_a_dying_space(void **state)
{
	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(3);
	unit_lazy(0, true);
	unit_lazy(1, true);
	host_space_put(space);
	for (unsigned c = 0; c < 2; c++) {
		assert_ptr_equal(host_cpus[c].salvo.loaded, &host_machine.kernel);
		assert_int_equal(mmu_cpus[c].root, host_machine.kernel.root);
	}
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	unit_assert_clean();
}

static struct salvo_later asked_before;

static void
nothing(struct salvo_later *later)
{
	(void)later;
}

/* dying_setup: CPU 1 is lazy on the space, and has been asked to flush a kernel mapping. */
static void
dying_setup(void)
{
	const struct salvo_range range = {
		.start = PAGE(1), .end = PAGE(2), .stride_shift = SALVO_ARCH_PAGE_SHIFT};

	unit_start(3, 2, MMU_CACHES_UPPER);
	space = unit_space(3);
	other = unit_space(4);
	host_mmap(&space->areas[0], false, SALVO_WRITE);
	unit_map(space, PAGE(1), 0);
	unit_can_read(1, PAGE(1));
	unit_lazy(1, true);
	unit_load(0, NULL);
	salvo_flush_later(&host_machine.kernel, &range, &asked_before, nothing);
}

/* destroy: and give up the tables at once. */
static void
destroy(void)
{
	salvo_space_destroy(&space->salvo);
	race_expect(mmu_cpus[1].root != space->salvo.root);
	mmu_frame_give(mmu_frame_in(space->salvo.root));
}

static void
work_while_lazy(void)
{
	salvo_flush_page(&other->salvo, PAGE(1));
	host_poll();
	race_step();
}

/*
 * A space dies while the lazy CPU that holds it serves somebody else and makes a request.
 * Expect: it lets go of the space though it has caught up by itself.
 */
static void
a_busy_lazy_cpu_lets_go_too(void **state)
{
	const struct race race = {.setup = dying_setup,
		.actors = {{0, destroy}, {1, work_while_lazy}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
load_other(void)
{
	unit_load(1, other);
	(void)unit_can_read(1, PAGE(2));
}

/* A space dies while the lazy CPU that holds it loads another. Expect: no walk in freed tables. */
static void
a_leaving_lazy_cpu_is_waited_for(void **state)
{
	const struct race race = {.setup = dying_setup,
		.actors = {{0, destroy}, {1, load_other}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

/* ---- Offline and online ---- */

/* Is an offline CPU asked? Expect: for nothing, and it misses nothing once it is back. */
static void
offline_cpus_are_left_alone(void **state)
{
	uintptr_t irqs, value;

	(void)state;
	unit_start(2, 2, 0);
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(1, PAGE(1)) && mmu_read(1, MMU_KERNEL_BASE, &value));
	unit_on(1);
	irqs = salvo_port_irq_save();
	salvo_cpu_offline();
	unit_on(0);
	assert_false(salvo_shared_cpuset_has(&space->salvo.cpus, 1));
	host_kernel_remap(0);
	unit_unmap(space, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	unit_on(1);
	salvo_cpu_online();
	salvo_port_irq_restore(irqs);
	assert_true(mmu_read(1, MMU_KERNEL_BASE, &value));
	host_load(space);
	unit_on(0);
	assert_false(unit_can_read(1, PAGE(1)));
	host_kernel_remap(0);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	unit_assert_clean();
}

/* A request came too late for a CPU that went offline: is the next one raised? Expect: yes. */
static void
an_unserved_ticket_swallows_no_interrupt(void **state)
{
	uintptr_t irqs;

	(void)state;
	unit_start(2, 1, 0);
	space = unit_space(1);
	unit_on(1);
	irqs = salvo_port_irq_save();
	salvo_cpu_offline();
	salvo_atomic_add(&host_cpus[1].salvo.asked, 1);
	salvo_cpu_online();
	salvo_port_irq_restore(irqs);
	host_load(space);
	unit_on(0);
	salvo_flush_page(&space->salvo, PAGE(1));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_stat(0, nr_interrupts_joined), 0);
}

static void
offline_setup(void)
{
	unit_start(2, 2, 0);
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	unit_can_read(1, PAGE(1));
}

static void
blink(void)
{
	uintptr_t irqs = salvo_port_irq_save();
	uintptr_t value;

	salvo_cpu_offline();
	salvo_cpu_online();
	salvo_port_irq_restore(irqs);
	(void)mmu_read(1, MMU_KERNEL_BASE + HOST_PAGE, &value);
	unit_load(1, space);
	(void)mmu_read(1, MMU_KERNEL_BASE + HOST_PAGE, &value);
	(void)unit_can_read(1, PAGE(1));
}

static void
unmap_and_remap(void)
{
	unit_unmap(space, PAGE(1));
	host_kernel_remap(1);
}

/* A CPU goes offline and comes back while it is asked. Expect: each wait ends, nothing is stale. */
static void
blinking_beside_flushes_is_safe(void **state)
{
	const struct race race = {.setup = offline_setup,
		.actors = {{0, unmap_and_remap}, {1, blink}},
		.check = page_is_gone,
		.speculate = page_and_kernel};

	(void)state;
	race_run(&race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lazy_cpus_let_go_of_a_dying_space),
		cmocka_unit_test(a_busy_lazy_cpu_lets_go_too),
		cmocka_unit_test(a_leaving_lazy_cpu_is_waited_for),
		cmocka_unit_test(offline_cpus_are_left_alone),
		cmocka_unit_test(an_unserved_ticket_swallows_no_interrupt),
		cmocka_unit_test(blinking_beside_flushes_is_safe),
	};

	return UNIT_RUN(tests);
}
