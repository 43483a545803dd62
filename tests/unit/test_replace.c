// SPDX-License-Identifier: MIT
/*
 * test_replace.c: another page at the same address, and never two at once. See src/replace.c.
 */
#include <unit.h>

static struct host_space *space;
static const uintptr_t first_page[] = {PAGE(1), UINTPTR_MAX};

static void
start(unsigned rules)
{
	unit_start(2, 1, rules);
	space = unit_space(3);
}

static enum salvo_status
replace(uintptr_t begin, uintptr_t end, salvo_replace_visit *next, void *context)
{
	struct salvo_gather gather;
	enum salvo_status status;

	mmu_change_begin(space->salvo.root, begin, end);
	salvo_gather_begin(&gather, &space->salvo, begin, end);
	status = salvo_replace(&gather, begin, end, next, context);
	salvo_gather_finish(&gather);
	mmu_change_end(space->salvo.root, begin, end);
	return status;
}

static salvo_pte
entry_at(uintptr_t address)
{
	return mmu_lookup(space->salvo.root, address, NULL);
}

/* new_page: a page with one reference and one mapping, those of the entry to come. */
static salvo_pte
new_page(salvo_pte bits)
{
	uintptr_t frame = host_page_new();

	salvo_atomic_store(&host_pages[frame].mapped, 1);
	return frame << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | bits;
}

/* copy_on_write: a page of our own, with what the old one holds when nobody can write to it. */
static salvo_pte
copy_on_write(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	salvo_pte pte = new_page(MMU_WRITE);

	(void)address;
	(void)level;
	(void)context;
	salvo_atomic_store(mmu_frame_memory(mmu_frame_in(pte)),
		salvo_atomic_load(mmu_frame_memory(mmu_frame_in(old))));
	return pte;
}

/* A page is copied. Expect: nobody has the old one when the new one is set; then it is freed. */
static void
a_copy_takes_the_place(void **state)
{
	uintptr_t old, value;

	(void)state;
	start(0);
	old = unit_map(space, PAGE(1), 0);
	salvo_atomic_store(mmu_frame_memory(old), 42);
	assert_true(unit_can_read(1, PAGE(1)));
	assert_int_equal(replace(PAGE(1), PAGE(2), copy_on_write, NULL), SALVO_OK);
	assert_true(mmu_read(1, PAGE(1), &value));
	assert_int_equal(value, 42);
	assert_int_not_equal(mmu_frame_in(entry_at(PAGE(1))), old);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 1);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 1);
	assert_true(unit_when(HOST_INTERRUPT) < unit_when(HOST_RMAP_REMOVE));
	unit_assert_clean();
}

/* Two tables full. Expect: a flush for as many as the gather has room for; each page freed once. */
static void
a_table_of_pages_shares_flushes(void **state)
{
	(void)state;
	start(0);
	for (unsigned i = 0; i < 64; i++)
		unit_map(space, PAGE(i), 0);
	assert_int_equal(replace(0, PAGE(64), copy_on_write, NULL), SALVO_OK);
	assert_in_range(unit_events(HOST_INTERRUPT), 2, 4);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 64);
	unit_assert_clean();
}

static unsigned freed;

static void
count_frees(enum host_event event, uintptr_t a, uintptr_t b)
{
	(void)a;
	(void)b;
	freed += event == HOST_FREE_PAGE;
	if (event == HOST_RELAX)
		unit_others_poll();
}

/* The host has no memory for the gather. Expect: more flushes, nothing lost, nothing left out. */
static void
refused_memory_loses_nothing(void **state)
{
	(void)state;
	start(0);
	salvo_atomic_store(&host_chunks_left, 0);
	for (unsigned i = 0; i < 64; i++)
		unit_map(space, PAGE(i), i % 2 == 0 ? MMU_WRITE : 0);
	freed = 0;
	host_hook = count_frees;
	assert_int_equal(replace(0, PAGE(64), copy_on_write, NULL), SALVO_OK);
	assert_int_equal(freed, 64);
	for (unsigned i = 0; i < 64; i++)
		assert_int_not_equal(entry_at(PAGE(i)) & MMU_WRITE, 0);
	unit_assert_clean();
}

/* ---- Merge ---- */

static uintptr_t kept;

/* merge: the kept page, if it holds the same. It must not, if somebody wrote meanwhile. */
static salvo_pte
merge(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	(void)address;
	(void)level;
	(void)context;
	if (salvo_atomic_load(mmu_frame_memory(mmu_frame_in(old))) !=
		salvo_atomic_load(mmu_frame_memory(kept)))
		return old;
	salvo_atomic_add(&host_pages[kept].refs, 1);
	salvo_atomic_add(&host_pages[kept].mapped, 1);
	return kept << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT;
}

/* Three pages, two of them equal to a fourth. Expect: one flush, two freed, one as it was. */
static void
equal_pages_become_one(void **state)
{
	uintptr_t other;

	(void)state;
	start(0);
	kept = unit_map(space, PAGE(0), 0);
	unit_map(space, PAGE(4), MMU_WRITE);
	other = unit_map(space, PAGE(5), MMU_WRITE);
	unit_map(space, PAGE(6), MMU_WRITE);
	salvo_atomic_store(mmu_frame_memory(other), 1);
	assert_true(unit_can_write(1, PAGE(5)));
	salvo_atomic_store(mmu_frame_memory(other), 1);
	assert_int_equal(replace(PAGE(4), PAGE(7), merge, NULL), SALVO_OK);
	assert_int_equal(mmu_frame_in(entry_at(PAGE(4))), kept);
	assert_int_equal(mmu_frame_in(entry_at(PAGE(6))), kept);
	assert_int_equal(entry_at(PAGE(5)), other << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT |
						    MMU_WRITE | MMU_ACCESSED | MMU_DIRTY);
	assert_false(unit_can_write(1, PAGE(4)));
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	assert_int_equal(unit_events(HOST_FREE_PAGE), 2);
	assert_int_equal(salvo_atomic_load(&host_pages[kept].mapped), 3);
	unit_assert_clean();
}

/* ---- A store beside it ---- */

static uintptr_t stored; /* how often a store got through */
static unsigned rules;

static void
race_setup(void)
{
	start(rules);
	unit_map(space, PAGE(1), MMU_WRITE);
	kept = unit_map(space, PAGE(2), 0);
	unit_can_read(1, PAGE(1));
	stored = 0;
}

static void
copy_it(void)
{
	replace(PAGE(1), PAGE(2), copy_on_write, NULL);
}

static void
merge_it(void)
{
	replace(PAGE(1), PAGE(2), merge, NULL);
}

static void
write_it(void)
{
	for (unsigned i = 0; i < 3; i++) {
		stored += mmu_add(1, PAGE(1), 1);
		race_step();
	}
}

static void
every_store_is_there(void)
{
	uintptr_t value = 0;

	race_expect(mmu_read(0, PAGE(1), &value));
	race_expect(value == stored);
}

static void
race_replace(void (*operation)(void), unsigned with)
{
	const struct race race = {.setup = race_setup,
		.actors = {{0, operation}, {1, write_it}},
		.check = every_store_is_there,
		.speculate = first_page};

	rules = with;
	race_run(&race);
}

/* A CPU stores while the page is copied. Expect: each store that got through is in the new page. */
static void
no_store_goes_to_the_old_page(void **state)
{
	(void)state;
	race_replace(copy_it, 0);
	race_replace(copy_it, MMU_CLEAN_WRITE_PASSES);
}

/* ... or compared with another. Expect: a page that was written to is not merged. */
static void
no_page_that_was_written_is_merged(void **state)
{
	(void)state;
	race_replace(merge_it, 0);
	race_replace(merge_it, MMU_CLEAN_WRITE_PASSES);
}

/* ---- Dirty ---- */

/* refuse: leave it as it was. */
static salvo_pte
refuse(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	(void)address;
	(void)level;
	*(salvo_pte *)context = old;
	return old;
}

static void
refuse_it(void)
{
	salvo_pte pte;

	replace(PAGE(1), PAGE(2), refuse, &pte);
}

static void
clean_setup(void)
{
	start(MMU_CLEAN_WRITE_PASSES);
	unit_map(space, PAGE(1), MMU_WRITE);
	stored = 0;
}

static void
what_was_written_is_dirty(void)
{
	race_expect(stored == 0 || (entry_at(PAGE(1)) & MMU_DIRTY) != 0);
}

/* A store passes through a clean entry while it is out. Expect: it comes back dirty. */
static void
no_dirty_is_lost_where_writes_pass(void **state)
{
	const struct race race = {.setup = clean_setup,
		.actors = {{0, refuse_it}, {1, write_it}},
		.check = what_was_written_is_dirty,
		.speculate = first_page};

	(void)state;
	race_run(&race);
}

static salvo_pte
mark(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	(void)address;
	(void)old;
	(void)level;
	(void)context;
	return (salvo_pte)0x1000 | MMU_DIRTY; /* the host's, not present */
}

/* A dirty page of a file goes, for a mark. Expect: Dirty passed on, its rmap removed. */
static void
a_mark_takes_the_place(void **state)
{
	uintptr_t frame;

	(void)state;
	start(0);
	frame = unit_map_file(space, 1, MMU_WRITE);
	assert_true(unit_can_write(1, PAGE(1)));
	assert_int_equal(replace(PAGE(1), PAGE(2), mark, NULL), SALVO_OK);
	assert_int_equal(salvo_atomic_load(host_entry(space->salvo.root, PAGE(1), false, NULL)),
		(salvo_pte)0x1000 | MMU_DIRTY);
	assert_int_equal(salvo_atomic_load(&host_pages[frame].dirty), 1);
	assert_int_equal(salvo_atomic_load(&host_pages[frame].mapped), 0);
	unit_assert_clean();
}

/* ---- Split ---- */

/* split: a table of leaves of the same memory. */
static salvo_pte
split(uintptr_t address, salvo_pte old, unsigned level, void *context)
{
	uintptr_t table = mmu_frame_take(MMU_TABLE);
	struct salvo_word *entries = mmu_frame_memory(table);

	(void)address;
	(void)context;
	race_expect(level == 2);
	for (uintptr_t i = 0; i < 32; i++)
		salvo_atomic_store(&entries[i], (old & ~MMU_HUGE) + (i << SALVO_ARCH_PAGE_SHIFT));
	return table << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT;
}

/* A huge leaf is split. Expect: one flush, all pages where they were, nothing freed. */
static void
a_huge_leaf_is_split(void **state)
{
	uintptr_t frame, table;
	struct salvo_word *entry;

	(void)state;
	start(MMU_CACHES_UPPER | MMU_KEEPS_UPPER);
	frame = mmu_frames_take(MMU_PAGE, 32);
	host_entry(space->salvo.root, mmu_span(2), true, NULL);
	entry = mmu_frame_memory(space->salvo.root >> SALVO_ARCH_PAGE_SHIFT);
	table = mmu_frame_in(salvo_atomic_load(entry));
	entry = mmu_frame_memory(table);
	salvo_atomic_store(
		entry, frame << SALVO_ARCH_PAGE_SHIFT | MMU_PRESENT | MMU_WRITE | MMU_HUGE);
	assert_true(unit_can_write(1, PAGE(5)));
	assert_int_equal(replace(0, mmu_span(2), split, NULL), SALVO_OK);
	assert_int_equal(unit_events(HOST_INTERRUPT), 1);
	for (unsigned i = 0; i < 32; i++)
		assert_int_equal(mmu_frame_in(entry_at(PAGE(i))), frame + i);
	assert_true(unit_can_write(1, PAGE(5)));
	assert_int_equal(unit_events(HOST_RMAP_REMOVE), 0);
	unit_assert_clean();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_takes_the_place),
		cmocka_unit_test(a_table_of_pages_shares_flushes),
		cmocka_unit_test(refused_memory_loses_nothing),
		cmocka_unit_test(equal_pages_become_one),
		cmocka_unit_test(no_store_goes_to_the_old_page),
		cmocka_unit_test(no_page_that_was_written_is_merged),
		cmocka_unit_test(no_dirty_is_lost_where_writes_pass),
		cmocka_unit_test(a_mark_takes_the_place),
		cmocka_unit_test(a_huge_leaf_is_split),
	};

	return UNIT_RUN(tests);
}
