// SPDX-License-Identifier: MIT
/*
 * test_protect.c: rights that grow cost nothing, rights that shrink are gone. See src/protect.c.
 */
#include <unit.h>

static struct host_space *space;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

static void
setup(void)
{
	unit_start(2, 1, 0);
	space = unit_space(3);
	unit_map(space, PAGE(1), MMU_WRITE);
}

static void
protect(unsigned rights)
{
	struct salvo_gather gather;

	mmu_change_begin(space->salvo.root, 0, PAGE(4));
	salvo_gather_begin(&gather, &space->salvo, 0, PAGE(4));
	salvo_protect(&gather, 0, PAGE(4), rights);
	race_step();
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, 0, PAGE(4));
}

/* Write is taken away. Expect: CPU 1, which had it cached, cannot write; it can still read. */
static void
a_lost_right_is_flushed(void **state)
{
	(void)state;
	setup();
	assert_true(unit_can_write(1, PAGE(1)));
	protect(0);
	assert_false(unit_can_write(1, PAGE(1)));
	assert_true(unit_can_read(1, PAGE(1)));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_true((mmu_lookup(space->salvo.root, PAGE(1), NULL) & MMU_DIRTY) != 0);
	unit_assert_clean();
}

/* And exec, with write given instead? Expect: a flush all the same. */
static void
one_right_for_another_is_flushed(void **state)
{
	(void)state;
	setup();
	protect(SALVO_EXEC);
	unit_log.count = 0;
	assert_true(mmu_fetch(1, PAGE(1)));
	protect(SALVO_WRITE);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_false(mmu_fetch(1, PAGE(1)));
	assert_true(unit_can_write(1, PAGE(1)));
	unit_assert_clean();
}

/* Rights only grow, or stay. Expect: no request at all. */
static void
a_gained_right_costs_nothing(void **state)
{
	(void)state;
	setup();
	assert_true(unit_can_read(1, PAGE(1)));
	protect(SALVO_WRITE);
	protect(SALVO_WRITE | SALVO_EXEC);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_int_equal(salvo_atomic_load(&space->salvo.gen), 0);
	assert_true(mmu_fetch(1, PAGE(1)));
}

/*
 * A right is gained on a machine where a fault forgets nothing. Expect: a CPU that has the old
 * entry faults until it says so, then not, and nobody is interrupted.
 */
static void
a_spurious_fault_is_mended_here(void **state)
{
	(void)state;
	unit_start(2, 1, MMU_FAULT_KEEPS);
	space = unit_space(3);
	unit_map(space, PAGE(1), 0);
	assert_true(unit_can_read(0, PAGE(1)) && unit_can_read(1, PAGE(1)));
	protect(SALVO_WRITE);
	for (unsigned c = 0; c < 2; c++) {
		assert_false(unit_can_write(c, PAGE(1)));
		unit_on(c);
		salvo_spurious_fault(PAGE(1) + 8);
		assert_true(unit_can_write(c, PAGE(1)));
	}
	unit_on(0);
	assert_int_equal(unit_events(HOST_INTERRUPT), 0);
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), 1);
	unit_assert_clean();
}

/* And where it does? Expect: no flush, and no need of one. */
static void
no_flush_where_a_fault_forgets(void **state)
{
	uintptr_t before;

	(void)state;
	setup();
	protect(0);
	assert_true(unit_can_read(1, PAGE(1)));
	protect(SALVO_WRITE);
	before = unit_stat(1, nr_tlb_local_flush_one);
	unit_on(1);
	salvo_spurious_fault(PAGE(1));
	unit_on(0);
	assert_true(unit_can_write(1, PAGE(1)));
	assert_int_equal(unit_stat(1, nr_tlb_local_flush_one), before);
}

/* ---- Races ---- */

static void
race_setup(void)
{
	setup();
	unit_can_write(0, PAGE(1));
	unit_can_write(1, PAGE(1));
}

/* make_read_only: when it returns, nobody writes, whoever changed the entry. */
static void
make_read_only(void)
{
	protect(0);
	for (unsigned c = 0; c < 2; c++) {
		const struct mmu_entry *entry = mmu_cached(c, PAGE(1));

		race_expect(entry == NULL || (entry->pte & MMU_WRITE) == 0);
	}
}

/* Two CPUs take the right away; one finds it gone. Expect: neither returns while a TLB has it. */
static void
finding_it_read_only_promises_it(void **state)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, make_read_only}, {1, make_read_only}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
write_on(void)
{
	for (unsigned i = 0; i < 3; i++) {
		(void)unit_can_write(1, PAGE(1));
		race_step();
	}
}

/* A CPU writes on while the right goes. Expect: not after the return; no Dirty bit is overwritten.
 */
static void
no_write_after_the_return(void **state)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, make_read_only}, {1, write_on}},
		.check = unit_others_poll,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static void
clean_setup(void)
{
	setup();
}

static void
allow_exec(void)
{
	protect(SALVO_WRITE | SALVO_EXEC);
}

static void
dirty_stays(void)
{
	salvo_pte pte = mmu_lookup(space->salvo.root, PAGE(1), NULL);

	race_expect((pte & MMU_DIRTY) != 0);
	race_expect((pte & MMU_EXEC) != 0);
}

/* Hardware sets Dirty while rights change. Expect: it is never overwritten. */
static void
dirty_is_never_overwritten(void **state)
{
	const struct race race = {.setup = clean_setup,
		.actors = {{0, allow_exec}, {1, write_on}},
		.check = dirty_stays,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_right_is_flushed),
		cmocka_unit_test(one_right_for_another_is_flushed),
		cmocka_unit_test(a_gained_right_costs_nothing),
		cmocka_unit_test(a_spurious_fault_is_mended_here),
		cmocka_unit_test(no_flush_where_a_fault_forgets),
		cmocka_unit_test(finding_it_read_only_promises_it),
		cmocka_unit_test(no_write_after_the_return),
		cmocka_unit_test(dirty_is_never_overwritten),
	};

	return UNIT_RUN(tests);
}
