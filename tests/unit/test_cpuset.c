// SPDX-License-Identifier: MIT
#include <unit.h>

/* Does a walk visit each member once, in order, and nobody else? Expect: the members. */
static void
walk_visits_members(void **state)
{
	const unsigned members[] = {0, SALVO_MAX_CPUS / 3, SALVO_MAX_CPUS / 2, SALVO_MAX_CPUS - 1};
	static struct salvo_shared_cpuset shared;
	struct salvo_cpuset set;
	unsigned next = 0;

	(void)state;
	salvo_cpuset_clear(&set);
	assert_true(salvo_cpuset_empty(&set));
	assert_int_equal(salvo_cpuset_next(&set, 0), SALVO_MAX_CPUS);
	for (unsigned i = 0; i < 4; i++) {
		salvo_cpuset_add(&set, members[i]);
		salvo_shared_cpuset_join(&shared, members[i]);
	}
	assert_false(salvo_cpuset_empty(&set));
	for (unsigned c = 0; c < SALVO_MAX_CPUS; c++) {
		bool member =
			c == members[0] || c == members[1] || c == members[2] || c == members[3];

		assert_int_equal(salvo_cpuset_has(&set, c), member);
		if (member) {
			assert_int_equal(salvo_cpuset_next(&set, next), c);
			assert_int_equal(salvo_shared_cpuset_next(&shared, next), c);
			next = c + 1;
		}
	}
	assert_int_equal(salvo_cpuset_next(&set, next), SALVO_MAX_CPUS);
	assert_int_equal(salvo_shared_cpuset_next(&shared, next), SALVO_MAX_CPUS);
}

/* Does removing the last CPU leave the others? Expect: just that one gone. */
static void
remove_takes_one(void **state)
{
	struct salvo_cpuset set;

	(void)state;
	salvo_cpuset_clear(&set);
	salvo_cpuset_add(&set, 0);
	salvo_cpuset_add(&set, SALVO_MAX_CPUS - 1);
	salvo_cpuset_remove(&set, SALVO_MAX_CPUS - 1);
	assert_false(SALVO_MAX_CPUS > 1 && salvo_cpuset_has(&set, SALVO_MAX_CPUS - 1));
	assert_int_equal(salvo_cpuset_has(&set, 0), SALVO_MAX_CPUS > 1);
}

/* Is a copy of a shared set added to what was there? Expect: the union. */
static void
copy_adds(void **state)
{
	static struct salvo_shared_cpuset shared;
	struct salvo_cpuset set;

	(void)state;
	salvo_cpuset_clear(&set);
	salvo_cpuset_add(&set, 0);
	salvo_shared_cpuset_join(&shared, SALVO_MAX_CPUS - 1);
	salvo_shared_cpuset_join(&shared, SALVO_MAX_CPUS / 2);
	salvo_shared_cpuset_leave(&shared, SALVO_MAX_CPUS / 2);
	salvo_shared_cpuset_join(&shared, SALVO_MAX_CPUS - 1);
	salvo_shared_cpuset_copy(&set, &shared);
	assert_true(salvo_cpuset_has(&set, 0));
	assert_true(salvo_cpuset_has(&set, SALVO_MAX_CPUS - 1));
	assert_true(salvo_shared_cpuset_has(&shared, SALVO_MAX_CPUS - 1));
	assert_true(SALVO_MAX_CPUS < 4 || !salvo_cpuset_has(&set, SALVO_MAX_CPUS / 2));
	salvo_shared_cpuset_leave(&shared, SALVO_MAX_CPUS - 1);
}

/* Does a set read more words than those up to its highest CPU? Expect: no, and none too few. */
static void
words_in_use(void **state)
{
	static struct salvo_shared_cpuset shared;
	struct salvo_cpuset set;

	(void)state;
	memset(&shared, 0xff, sizeof shared);
	salvo_shared_cpuset_init(&shared);
	for (unsigned i = 1; i <= SALVO_CPUSET_WORDS; i++) {
		unsigned last = i * SALVO_CPUSET_BITS - 1;
		unsigned cpu = last < SALVO_MAX_CPUS ? last : SALVO_MAX_CPUS - 1;

		salvo_shared_cpuset_join(&shared, cpu);
		salvo_cpuset_clear(&set);
		assert_int_equal(salvo_cpuset_words(&set), 1);
		assert_false(salvo_cpuset_has(&set, cpu));
		salvo_shared_cpuset_copy(&set, &shared);
		assert_int_equal(salvo_cpuset_words(&set), i);
		assert_true(salvo_cpuset_has(&set, cpu));
		assert_int_equal(
			salvo_cpuset_next(&set, cpu / SALVO_CPUSET_BITS * SALVO_CPUSET_BITS), cpu);
	}
	salvo_shared_cpuset_join(&shared, 0);
	salvo_shared_cpuset_leave(&shared, SALVO_MAX_CPUS - 1);
	assert_int_equal(salvo_shared_cpuset_words(&shared), SALVO_CPUSET_WORDS);
}

/* Do words that a set has not had in use hold anything? Expect: nobody, whatever was there. */
static void
new_words_are_empty(void **state)
{
	struct salvo_cpuset set;

	(void)state;
	for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
		set.bits[i] = UINTPTR_MAX;
	salvo_cpuset_clear(&set);
	assert_false(salvo_cpuset_has(&set, SALVO_MAX_CPUS - 1));
	salvo_cpuset_remove(&set, SALVO_MAX_CPUS - 1);
	assert_int_equal(salvo_cpuset_words(&set), 1);
	salvo_cpuset_add(&set, SALVO_MAX_CPUS - 1);
	assert_int_equal(salvo_cpuset_next(&set, 0), SALVO_MAX_CPUS - 1);
	salvo_cpuset_remove(&set, SALVO_MAX_CPUS - 1);
	assert_true(salvo_cpuset_empty(&set));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walk_visits_members),
		cmocka_unit_test(remove_takes_one),
		cmocka_unit_test(copy_adds),
		cmocka_unit_test(words_in_use),
		cmocka_unit_test(new_words_are_empty),
	};

	return UNIT_RUN(tests);
}
