// SPDX-License-Identifier: MIT
/*
 * What if the recordings of Linux 6.1 are replayed? Under Linux's own policy the interrupts are
 * those recorded, within 5 %; the policies come in the order of their cost; what a recording does
 * not tell is said instead of a figure; and the same file gives the same bytes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

enum { ARGUMENT_BYTES = 512 };

/* The recordings, and the interrupts that a count of their events by trace-cmd finds. */
static const struct recorded {
	const char *name;
	int interrupts;
} recordings[] = {
	{"linux-6.1-reclaim", 1358},
	{"linux-6.1-reclaim-threads", 2562},
	{"linux-6.1-reclaim-dirty", 11860},
	{"linux-6.1-munmap", 598},
};
enum { RECORDINGS = sizeof recordings / sizeof recordings[0] };

static json_t *
replay_json(const char *file)
{
	char arguments[ARGUMENT_BYTES];
	struct output output;
	json_t *json;

	snprintf(arguments, sizeof arguments, "--json '%s'", file);
	replay(arguments, &output, &json);
	output_check(&output, 0, "");
	assert_non_null(json);
	return json;
}

static json_t *
replay_recorded(const char *name)
{
	char file[ARGUMENT_BYTES];

	snprintf(file, sizeof file, DATA_FOLDER "/%s.dat.xz", name);
	return replay_json(file);
}

/* policy_of: the result of a policy. */
static json_t *
policy_of(json_t *json, const char *name)
{
	json_t *policy;
	size_t i;

	json_array_foreach(json_object_get(json, "policies"), i,
		policy) if (strcmp(json_string_value(json_object_get(policy, "name")), name) ==
			    0) return policy;
	fail_msg("no policy %s", name);
	return NULL;
}

static double
figure(json_t *json, const char *policy, const char *name)
{
	json_t *value = json_object_get(policy_of(json, policy), name);

	assert_true(json_is_integer(value));
	return json_number_value(value);
}

/* What if Linux's policy is replayed: are these its interrupts? */
static void
foretells(void **state)
{
	const struct recorded *recorded = *state;
	json_t *json = replay_recorded(recorded->name);
	double off = figure(json, "linux", "interrupts") / recorded->interrupts - 1;

	print_message("# %s: %.0f interrupts, recorded %d, %+.1f %%\n", recorded->name,
		figure(json, "linux", "interrupts"), recorded->interrupts, 100 * off);
	assert_int_equal(json_integer_value(json_object_get(json, "recorded_interrupts")),
		recorded->interrupts);
	assert_true(off < 0.05 && off > -0.05);
	assert_true(json_is_null(json_object_get(json, "damage")));
	json_decref(json);
}

/* What if the kernel's own masks are compared: is it known which CPU has which space loaded? */
static void
knows_sets(void **state)
{
	const struct recorded *recorded = *state;
	json_t *json = replay_recorded(recorded->name);
	double sets = json_number_value(json_object_get(json, "recorded_sets"));
	double same = json_number_value(json_object_get(json, "sets_as_told"));

	print_message("# %s: %.0f of %.0f sets\n", recorded->name, same, sets);
	assert_true(sets > 200 && same > 0.99 * sets);
	json_decref(json);
}

/* What if all are: are they ranked, and do they cost what makes sense? */
static void
ranks(void **state)
{
	const struct recorded *recorded = *state;
	json_t *json = replay_recorded(recorded->name), *policy;
	double before = 0;
	bool untold = false;
	size_t i;

	json_array_foreach(json_object_get(json, "policies"), i, policy)
	{
		const char *name = json_string_value(json_object_get(policy, "name"));

		untold |= json_object_get(policy, "not_from_this_trace") != NULL;
		if (untold) {
			assert_true(json_is_null(json_object_get(policy, "cycles")));
			assert_non_null(
				json_string_value(json_object_get(policy, "not_from_this_trace")));
			continue;
		}
		assert_true(figure(json, name, "cycles") >= before);
		assert_true(figure(json, name, "wait_cycles") <= figure(json, name, "cycles"));
		before = figure(json, name, "cycles");
	}
	assert_true(json_array_size(json_object_get(json, "policies")) >= 6);
	assert_true(figure(json, "salvo", "interrupts") <= figure(json, "linux", "interrupts"));
	assert_true(figure(json, "page", "interrupts") > 4 * figure(json, "linux", "interrupts"));
	json_decref(json);
}

/* What if the same is replayed twice, compressed and not? */
static void
repeats(void **state)
{
	struct bytes plain = read_plain("linux-6.1-munmap");
	struct output output;

	(void)state;
	write_bytes("a.dat", &plain, plain.count);
	assert_int_equal(replay("a.dat", &output, NULL), 0);
	assert_int_equal(rename("out", "first"), 0);
	assert_int_equal(replay("a.dat", &output, NULL), 0);
	assert_int_equal(system("cmp first out"), 0);
	assert_int_equal(replay("'" DATA_FOLDER "/linux-6.1-munmap.dat.xz'", &output, NULL), 0);
	assert_int_equal(system("sed 1d first >a && sed 1d out >b && cmp a b"), 0);
	free(plain.at);
}

/* rename_probes: events by these names are another's. */
static void
rename_probes(struct bytes *bytes)
{
	static const char *const names[] = {"name: switchmm\n", "name: lazy\n", "name: mmrange\n",
		"name: unmapone\n", "name: multi\n", "name: tlbbatch\n"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		unsigned char *found = memmem(bytes->at, bytes->count, names[i], strlen(names[i]));

		if (found != NULL)
			found[strlen("name: ")] = 'X';
	}
}

/* What if a recording has tracepoints alone? */
static void
does_without_probes(void **state)
{
	struct bytes bytes = read_plain("linux-6.1-reclaim-threads");
	json_t *json, *policy;
	size_t i;

	(void)state;
	rename_probes(&bytes);
	write_bytes("no-probes.dat", &bytes, bytes.count);
	json = replay_json("no-probes.dat");
	assert_int_equal(json_integer_value(json_object_get(json, "recorded_interrupts")), 2562);
	assert_int_equal(json_integer_value(json_object_get(json, "recorded_rounds")), 1689);
	json_array_foreach(json_object_get(json, "policies"), i, policy) assert_non_null(strstr(
		json_string_value(json_object_get(policy, "not_from_this_trace")), "switchmm"));
	json_decref(json);
	free(bytes.at);
}

/* What if one policy and another machine are asked for? */
static void
takes_options(void **state)
{
	struct output output;
	json_t *json, *slow;

	(void)state;
	assert_int_equal(replay("--json --policy linux,salvo --set interrupt.entry_ns=250 "
				"'" DATA_FOLDER "/linux-6.1-munmap.dat.xz'",
				 &output, &json),
		0);
	assert_int_equal(json_array_size(json_object_get(json, "policies")), 2);
	assert_int_equal(replay("--json --policy linux,salvo --set interrupt.entry_ns=2500 "
				"'" DATA_FOLDER "/linux-6.1-munmap.dat.xz'",
				 &output, &slow),
		0);
	assert_true(figure(slow, "linux", "cycles") > 1.5 * figure(json, "linux", "cycles"));
	json_decref(json);
	json_decref(slow);
}

int
main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction run;
	} each[] = {{"foretells", foretells}, {"knows_sets", knows_sets}, {"ranks", ranks}};
	enum { EACH = sizeof each / sizeof each[0] };
	static char names[EACH * RECORDINGS][64];
	struct CMUnitTest tests[EACH * RECORDINGS + 3];
	size_t count = 0;

	for (size_t i = 0; i < EACH * RECORDINGS; i++) {
		const struct recorded *recorded = &recordings[i / EACH];

		snprintf(names[i], sizeof names[i], "%s %s", each[i % EACH].name, recorded->name);
		tests[count++] = (struct CMUnitTest){
			names[i], each[i % EACH].run, NULL, NULL, (void *)recorded};
	}
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(repeats);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(does_without_probes);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(takes_options);
	return _cmocka_run_group_tests("replay", tests, count, enter_folder, NULL);
}
