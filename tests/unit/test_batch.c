// SPDX-License-Identifier: MIT
/*
 * test_batch.c: many spaces, one flush. See src/batch.c. Built with room for two spaces (-2-spaces)
 * as well.
 */
#include <unit.h>

static struct host_space *spaces[HOST_SPACES];
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

/* setup: each space has a page at PAGE(1), and is loaded on a CPU of its own, from 1 on. */
static void
setup(unsigned count)
{
	unit_start(8, 2, 0);
	for (unsigned i = 0; i < count; i++) {
		spaces[i] = unit_space(1u << (i + 1));
		unit_map(spaces[i], PAGE(1), 0);
		unit_can_read(i + 1, PAGE(1));
	}
}

/* cover_and_clear: as an rmap operation does it, the table's lock held; the frame. */
static uintptr_t
cover_and_clear(struct salvo_batch *batch, struct host_space *space)
{
	uintptr_t table, frame;
	struct salvo_word *entry = host_entry(space->salvo.root, PAGE(1), false, &table);
	bool covered;

	host_lock(host_table_lock(table));
	covered = salvo_batch_cover(batch, &space->salvo);
	mmu_change_begin(space->salvo.root, PAGE(1), PAGE(2));
	race_step();
	frame = mmu_frame_in(salvo_atomic_exchange(entry, 0));
	race_step();
	if (!covered)
		salvo_batch_beyond(batch, &space->salvo);
	host_unlock(host_table_lock(table));
	return frame;
}

/* reclaim_all: of the first `count` spaces, with one flush; then the pages are freed. */
static void
reclaim_all(unsigned count)
{
	struct salvo_batch batch;
	uintptr_t frames[HOST_SPACES];

	salvo_batch_begin(&batch);
	for (unsigned i = 0; i < count; i++)
		frames[i] = cover_and_clear(&batch, spaces[i]);
	salvo_batch_flush(&batch);
	for (unsigned i = 0; i < count; i++) {
		mmu_change_end(spaces[i]->salvo.root, PAGE(1), PAGE(2));
		if (frames[i] != 0)
			host_page_put(frames[i]);
	}
}

/* Five spaces on five CPUs. Expect: one round of interrupts, one a CPU, and all entries gone. */
static void
one_flush_covers_all_spaces(void **state)
{
	(void)state;
	setup(5);
	reclaim_all(5);
	assert_int_equal(unit_events(HOST_INTERRUPT), 5);
	assert_int_equal(unit_stat(0, nr_tlb_remote_flush), 1);
	for (unsigned i = 0; i < 5; i++)
		assert_false(unit_can_read(i + 1, PAGE(1)));
	unit_assert_clean();
}

/* A CPU has switched away before the flush. Expect: no interrupt; it flushes when it comes back. */
static void
a_cpu_that_left_is_not_interrupted(void **state)
{
	struct salvo_batch batch;
	uintptr_t frame;

	(void)state;
	setup(1);
	salvo_batch_begin(&batch);
	frame = cover_and_clear(&batch, spaces[0]);
	unit_load(1, NULL);
	salvo_batch_flush(&batch);
	mmu_change_end(spaces[0]->salvo.root, PAGE(1), PAGE(2));
	host_page_put(frame);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	unit_load(1, spaces[0]);
	assert_false(unit_can_read(1, PAGE(1)));
	unit_assert_clean();
}

/* The space is loaded here alone. Expect: a local flush and no interrupt. */
static void
a_local_space_costs_no_interrupt(void **state)
{
	(void)state;
	unit_start(4, 1, 0);
	spaces[0] = unit_space(1);
	unit_map(spaces[0], PAGE(1), 0);
	assert_true(unit_can_read(0, PAGE(1)));
	reclaim_all(1);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_false(unit_can_read(0, PAGE(1)));
	unit_assert_clean();
}

/* Are spaces pinned while a batch names them, once each? Expect: one pin, gone after the flush. */
static void
a_batch_pins_its_spaces(void **state)
{
	struct salvo_batch batch;

	(void)state;
	setup(1);
	salvo_batch_begin(&batch);
	assert_true(salvo_batch_cover(&batch, &spaces[0]->salvo));
	assert_true(salvo_batch_cover(&batch, &spaces[0]->salvo));
	assert_int_equal(salvo_atomic_load(&spaces[0]->pins), 2);
	assert_true(salvo_flush_outstanding(&spaces[0]->salvo));
	salvo_batch_flush(&batch);
	assert_int_equal(salvo_atomic_load(&spaces[0]->pins), 1);
	assert_false(salvo_flush_outstanding(&spaces[0]->salvo));
}

/* Is an empty batch free? Expect: nothing is sent. */
static void
an_empty_batch_does_nothing(void **state)
{
	struct salvo_batch batch;

	(void)state;
	setup(1);
	salvo_batch_begin(&batch);
	salvo_batch_flush(&batch);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
}

/* ---- Races ---- */

static void
race_setup(void)
{
	unit_start(4, 2, 0);
	for (unsigned i = 0; i < 3; i++)
		spaces[i] = unit_space(i == 2 ? 3 : 0);
	for (unsigned i = 0; i < 3; i++)
		unit_map(spaces[i], PAGE(1), 0);
	unit_can_read(0, PAGE(1));
	unit_can_read(1, PAGE(1));
}

static void
reclaim_three(void)
{
	reclaim_all(3);
}

/* munmap: what finds the entry clear, perhaps, and promises that it is gone. */
static void
munmap(void)
{
	struct salvo_gather gather;
	uintptr_t frame, table;
	struct salvo_word *entry = host_entry(spaces[2]->salvo.root, PAGE(1), false, &table);

	salvo_gather_begin(&gather, &spaces[2]->salvo, 0, PAGE(4));
	race_step();
	host_lock(host_table_lock(table));
	frame = mmu_frame_in(salvo_atomic_exchange(entry, 0));
	if (frame != 0)
		salvo_gather_cleared(&gather, PAGE(1), SALVO_ARCH_PAGE_SHIFT);
	host_unlock(host_table_lock(table));
	race_step();
	salvo_gather_finish(&gather);
	race_expect(mmu_cached(0, PAGE(1)) == NULL);
	race_expect(mmu_cached(1, PAGE(1)) == NULL);
}

/*
 * A batch clears an entry; an unmap of the same space finds it clear and returns before the batch
 * flushes. Expect: no TLB has it then. (As published, the batch lacked the mark.)
 */
static void
an_unmap_beside_a_batch_flushes(void **state)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, reclaim_three}, {1, munmap}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
switch_spaces(void)
{
	unit_load(1, spaces[0]);
	(void)unit_can_read(1, PAGE(1));
	race_step();
	unit_load(1, spaces[2]);
	(void)unit_can_read(1, PAGE(1));
	race_step();
	(void)unit_can_read(1, PAGE(1));
}

static void
all_gone(void)
{
	for (unsigned i = 0; i < 3; i++) {
		unit_load(1, spaces[i]);
		race_expect(!unit_can_read(1, PAGE(1)));
	}
}

/* A CPU switches between spaces of a batch, and one beyond it. Expect: no page is used once freed.
 */
static void
switching_beside_a_batch_is_safe(void **state)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, reclaim_three}, {1, switch_spaces}},
		.check = all_gone,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_flush_covers_all_spaces),
		cmocka_unit_test(a_cpu_that_left_is_not_interrupted),
		cmocka_unit_test(a_local_space_costs_no_interrupt),
		cmocka_unit_test(a_batch_pins_its_spaces),
		cmocka_unit_test(an_empty_batch_does_nothing),
		cmocka_unit_test(an_unmap_beside_a_batch_flushes),
		cmocka_unit_test(switching_beside_a_batch_is_safe),
	};

	return UNIT_RUN(tests);
}
