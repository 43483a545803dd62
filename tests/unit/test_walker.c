// SPDX-License-Identifier: MIT
/*
 * test_walker.c: software walks page tables without a lock while they are freed. See src/walker.c.
 */
#include <unit.h>

static struct host_space *space, *other;
static uintptr_t outer, inner; /* what salvo_walk_begin returned on CPU 1 */

/* read_tables: go down to an address; each table must be one until the end. => in a walk */
static void
read_tables(const struct host_space *where, uintptr_t address)
{
	uintptr_t frame = where->salvo.root >> SALVO_ARCH_PAGE_SHIFT;

	for (unsigned level = SALVO_ARCH_LEVELS;; level--) {
		const struct salvo_word *table = mmu_frame_memory(frame);
		uintptr_t incarnation = mmu_frame_incarnation(frame);
		salvo_pte pte;

		race_step();
		pte = salvo_atomic_load(&table[mmu_index(address, level)]);
		race_expect(mmu_frame_kind(frame) == MMU_TABLE &&
			    mmu_frame_incarnation(frame) == incarnation);
		if (!salvo_arch_pte_present(pte) || salvo_arch_pte_leaf(pte, level))
			return;
		frame = mmu_frame_in(pte);
	}
}

static void
walk(const struct host_space *where, uintptr_t address)
{
	uintptr_t irqs = salvo_port_irq_save();
	uintptr_t before = salvo_walk_begin(&where->salvo);

	read_tables(where, address);
	salvo_walk_end(before);
	salvo_port_irq_restore(irqs);
}

/* begin_on, end_on: a walk of that CPU that takes a while. */
static uintptr_t
begin_on(unsigned cpu, struct host_space *where)
{
	unsigned me = unit_on(cpu);
	uintptr_t before = salvo_walk_begin(&where->salvo);

	host_self()->irqs_off = true;
	unit_on(me);
	return before;
}

static void
end_on(unsigned cpu, uintptr_t before)
{
	unsigned me = unit_on(cpu);

	salvo_walk_end(before);
	host_self()->irqs_off = false;
	unit_on(me);
}

/* ---- Who is interrupted ---- */

static unsigned ended;

/* end_walk: CPU 1 comes to the end of its walk once somebody waits for it. */
static void
end_walk(void)
{
	if (ended++ == 0)
		end_on(1, outer);
	unit_others_poll();
}

static void
start(unsigned cpus)
{
	unit_start(cpus, 1, MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	space = unit_space(1);
	other = unit_space(0);
	ended = 0;
	unit_at_relax = end_walk;
}

/* One CPU walks the space, which it has not loaded, one another space, one none. Expect: the first
 * is interrupted, alone, and waited for. */
static void
only_walkers_are_interrupted(void **state)
{
	uintptr_t before;

	(void)state;
	start(4);
	outer = begin_on(1, space);
	before = begin_on(2, other);
	salvo_walk_sync(&space->salvo);
	assert_int_equal(ended, 1);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_log.events[unit_when(HOST_INTERRUPT)].a, 1);
	salvo_walk_sync(&space->salvo);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	end_on(2, before);
	unit_assert_clean();
}

/* It walks the space that it has loaded. Expect: no mark, and no interrupt but the flush's. */
static void
a_walk_of_the_loaded_space_is_free(void **state)
{
	(void)state;
	start(2);
	unit_load(1, space);
	unit_log.count = 0;
	outer = begin_on(1, space);
	assert_int_equal(salvo_atomic_load(&host_cpus[1].salvo.walking), 0);
	salvo_flush_space(&space->salvo, true);
	assert_int_equal(ended, 1);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	outer = begin_on(1, space);
	salvo_walk_sync(&space->salvo);
	assert_int_equal(ended, 1);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	end_on(1, outer);
	unit_assert_clean();
}

/* A walk of another space came inside one, and is over. Expect: the CPU is asked for the first. */
static void
a_walk_inside_restores_the_mark(void **state)
{
	(void)state;
	start(2);
	outer = begin_on(1, space);
	inner = begin_on(1, other);
	end_on(1, inner);
	host_cpus[1].irqs_off = true;
	salvo_walk_sync(&space->salvo);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(salvo_atomic_load(&host_cpus[1].salvo.walking), 0);
	unit_assert_clean();
}

/* The inner walk goes on. Expect: the CPU is asked for either space, and waited for. */
static void
a_walk_inside_hides_none(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		start(2);
		outer = begin_on(1, space);
		inner = begin_on(1, other);
		salvo_walk_sync(i == 0 ? &space->salvo : &other->salvo);
		assert_int_equal(unit_events(HOST_INTERRUPT), 1);
		assert_int_equal(ended, 1);
		unit_assert_clean();
	}
}

/* ---- A walk beside those who free ---- */

static bool loads, lazy; /* whether CPU 1 has the space loaded, and is lazy */
static bool refuse;      /* memory for the gather */
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

static void
race_setup(void)
{
	unit_start(2, 1, MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	space = unit_space(loads ? 3 : 1);
	other = unit_space(0);
	for (unsigned i = 0; i < 12; i++)
		unit_map(space, mmu_span(2) * i + PAGE(1), MMU_WRITE);
	if (lazy)
		unit_lazy(1, true);
	if (refuse)
		salvo_atomic_store(&host_chunks_left, 0);
}

static void
free_tables(void)
{
	struct salvo_gather gather;
	uintptr_t end = mmu_span(2) * (refuse ? 12 : 1);

	mmu_change_begin(space->salvo.root, 0, end);
	salvo_gather_begin(&gather, &space->salvo, 0, end);
	race_expect(salvo_unmap(&gather, 0, end) == SALVO_OK);
	salvo_free_tables(&gather, 0, end);
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, 0, end);
}

static void
walk_it(void)
{
	walk(space, PAGE(1));
	race_step();
	walk(space, PAGE(1));
}

static void
nothing_is_marked(void)
{
	race_expect(salvo_atomic_load(&host_cpus[1].salvo.walking) == 0);
	race_expect(mmu_frame_kind(space->salvo.root >> SALVO_ARCH_PAGE_SHIFT) == MMU_TABLE);
}

static void
race_walk(void (*frees)(void), void (*walks)(void))
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, frees}, {1, walks}},
		.check = nothing_is_marked,
		.speculate = first_page};

	race_run(&race);
	loads = lazy = refuse = false;
}

/* A table is freed. Expect: not before the walk that may be in it is over. */
static void
no_walk_of_another_space_in_freed_tables(void **state)
{
	(void)state;
	race_walk(free_tables, walk_it);
}

/* The walker has the space loaded, and marks nothing. Expect: the same. */
static void
no_walk_of_the_loaded_space_in_freed_tables(void **state)
{
	(void)state;
	loads = true;
	race_walk(free_tables, walk_it);
}

/* It is lazy, too. Expect: the same. */
static void
no_walk_of_a_lazy_cpu_in_freed_tables(void **state)
{
	(void)state;
	loads = lazy = true;
	race_walk(free_tables, walk_it);
}

/* Half of a walk: an NMI comes, whose handler walks another space, to the end. */
static void
walk_with_a_walk_inside(void)
{
	uintptr_t irqs = salvo_port_irq_save();
	uintptr_t before = salvo_walk_begin(&space->salvo);

	race_step();
	walk(other, PAGE(1));
	read_tables(space, PAGE(1));
	salvo_walk_end(before);
	salvo_port_irq_restore(irqs);
}

/* The walk that began outside reads tables found before and after. Expect: the same. */
static void
no_walk_around_a_walk_in_freed_tables(void **state)
{
	(void)state;
	race_walk(free_tables, walk_with_a_walk_inside);
}

/* No memory for the gather, so it frees tables as it goes. Expect: the same, and all are freed. */
static void
refused_memory_waits_too(void **state)
{
	(void)state;
	refuse = true;
	race_walk(free_tables, walk_it);
	assert_int_equal(unit_events(HOST_FREE_TABLE), 12);
}

/* ---- Collapse ---- */

static uintptr_t huge, held;

/* copy_or_leave: what is held by a walker stays where it is; whoever is out has said so. */
static salvo_pte
copy_or_leave(const struct salvo_word *entries, void *context)
{
	uintptr_t frame = mmu_frame_in(salvo_atomic_load(&entries[1]));

	(void)context;
	salvo_walk_sync(&space->salvo);
	if (salvo_atomic_load(&host_pages[frame].refs) != 1)
		return 0;
	for (unsigned i = 0; i < 32; i++)
		salvo_atomic_store(&host_pages[huge + i].mapped, 1);
	return huge << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_WRITE | MMU_HUGE;
}

static void
collapse_setup(void)
{
	race_setup();
	huge = mmu_frames_take(MMU_PAGE, 32);
	held = 0;
}

static void
collapse_it(void)
{
	struct salvo_gather gather;

	mmu_change_begin(space->salvo.root, 0, mmu_span(2));
	salvo_gather_begin(&gather, &space->salvo, 0, mmu_span(2));
	race_expect(salvo_collapse(&gather, 0, copy_or_leave, NULL) == SALVO_OK);
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, 0, mmu_span(2));
}

static void
hold_it(void)
{
	held = host_gup(space, PAGE(1));
}

static void
what_is_held_is_mapped(void)
{
	salvo_pte pte = mmu_lookup(space->salvo.root, PAGE(1), NULL);

	nothing_is_marked();
	race_expect(held == 0 || mmu_frame_in(pte) == held);
}

/* A walker takes hold of a page while its table goes. Expect: it stays mapped, or is not held. */
static void
no_held_page_is_copied(void **state)
{
	const struct race race = {.setup = collapse_setup,
		.actors = {{0, collapse_it}, {1, hold_it}},
		.check = what_is_held_is_mapped,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_walkers_are_interrupted),
		cmocka_unit_test(a_walk_of_the_loaded_space_is_free),
		cmocka_unit_test(a_walk_inside_restores_the_mark),
		cmocka_unit_test(a_walk_inside_hides_none),
		cmocka_unit_test(no_walk_of_another_space_in_freed_tables),
		cmocka_unit_test(no_walk_of_the_loaded_space_in_freed_tables),
		cmocka_unit_test(no_walk_of_a_lazy_cpu_in_freed_tables),
		cmocka_unit_test(no_walk_around_a_walk_in_freed_tables),
		cmocka_unit_test(refused_memory_waits_too),
		cmocka_unit_test(no_held_page_is_copied),
	};

	return UNIT_RUN(tests);
}
