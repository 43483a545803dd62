// SPDX-License-Identifier: MIT
/*
 * What if a recording is cut short, or bits of it are not what they were, or it is none at all? One
 * line on standard error, exit status 2, and what was read before it; never a crash. A trace.dat
 * has no checksums, so a flipped bit may go unnoticed; in a compressed one it cannot.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

enum { CUTS = 32, PACKED_CUTS = 8, FLIPS = 48, PACKED_FLIPS = 8, STATUS_GOOD = 0, STATUS_BAD = 2 };

/* expect_told: a line, and a JSON object whenever there is anything to say. */
static void
expect_told(struct output *output, json_t *json)
{
	output_check(output, STATUS_BAD, "salvo: damaged.dat: ");
	assert_int_equal(lines_in(output->err), 1);
	if (json == NULL)
		assert_int_equal(system("test ! -s out"), 0);
	else
		assert_non_null(json_string_value(json_object_get(json, "damage")));
	json_decref(json);
}

static json_int_t
events_of(json_t *json)
{
	return json_integer_value(json_object_get(json, "events"));
}

/* cut_short: at so many lengths; the events read grow with them. */
static void
cut_short(const struct bytes *bytes, size_t cuts)
{
	json_int_t most = 0;

	for (size_t i = 0; i < cuts; i++) {
		struct output output;
		json_t *json;

		write_bytes("damaged.dat", bytes, bytes->count * i / cuts + i % 7);
		replay("--json --policy linux,salvo damaged.dat", &output, &json);
		if (json != NULL && events_of(json) > most)
			most = events_of(json);
		expect_told(&output, json);
	}
	assert_true(most > 9000);
}

static void
plain_cut_short(void **state)
{
	struct bytes bytes = read_plain("linux-6.1-munmap");

	(void)state;
	cut_short(&bytes, CUTS);
	free(bytes.at);
}

static void
packed_cut_short(void **state)
{
	struct bytes bytes = read_packed("linux-6.1-munmap");

	(void)state;
	cut_short(&bytes, PACKED_CUTS);
	free(bytes.at);
}

/* next_random: xorshift. */
static uint64_t
next_random(uint64_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return *random;
}

/* flip: so many bits of a copy, which is written. */
static void
flip(const struct bytes *bytes, size_t bits, uint64_t *random)
{
	struct bytes copy = {malloc(bytes->count), bytes->count};

	assert_non_null(copy.at);
	memcpy(copy.at, bytes->at, bytes->count);
	for (size_t i = 0; i < bits; i++)
		copy.at[next_random(random) % copy.count] ^=
			(unsigned char)(1u << next_random(random) % 8);
	write_bytes("damaged.dat", &copy, copy.count);
	free(copy.at);
}

static void
plain_flipped(void **state)
{
	struct bytes bytes = read_plain("linux-6.1-munmap");
	uint64_t random = 88172645463325252u;
	size_t noticed = 0;

	(void)state;
	for (size_t i = 0; i < FLIPS; i++) {
		struct output output;
		json_t *json;

		flip(&bytes, i % 3 == 0 ? 1 : i, &random);
		replay("--json --policy linux,salvo damaged.dat", &output, &json);
		if (output.status == STATUS_GOOD) {
			assert_non_null(json);
			json_decref(json);
			continue;
		}
		noticed++;
		expect_told(&output, json);
	}
	print_message("# %zu of %d noticed\n", noticed, FLIPS);
	assert_true(noticed > 0);
	free(bytes.at);
}

static void
packed_flipped(void **state)
{
	struct bytes bytes = read_packed("linux-6.1-munmap");
	uint64_t random = 1234567;

	(void)state;
	for (size_t i = 0; i < PACKED_FLIPS; i++) {
		struct output output;
		json_t *json;

		flip(&bytes, 1, &random);
		replay("--json --policy linux damaged.dat", &output, &json);
		expect_told(&output, json);
	}
	free(bytes.at);
}

/* ---- What is no recording ---- */

struct bad_case {
	const char *arguments;
	const char *says;
};

static const struct bad_case bad_cases[] = {
	{"", "which trace"},
	{"no-such-file", "no-such-file: No such file"},
	{".", ".: not a regular file"},
	{"/dev/zero", "/dev/zero: not a regular file"},
	{"empty", "empty: no trace.dat"},
	{"text", "text: no trace.dat"},
	{"only-magic", "only-magic: the compressed file ends early"},
	{"--bogus text", "--bogus"},
	{"--policy nobodys text", "unknown policy 'nobodys'"},
	{"--machine none text", "none"},
	{"--set tlb.nothing=1 text", "nothing"},
	{"text text", "one trace at a time"},
	{"--set machine.cores=1 '" DATA_FOLDER "/linux-6.1-munmap.dat.xz'", "CPUs were recorded"},
};
enum { BAD_CASES = sizeof bad_cases / sizeof bad_cases[0] };

static void
refuses(void **state)
{
	const struct bad_case *bad = *state;
	struct output output;

	replay(bad->arguments, &output, NULL);
	output_check(&output, STATUS_BAD, bad->says);
	assert_int_equal(lines_in(output.err), 1);
	assert_int_equal(system("test ! -s out"), 0);
}

static int
make_files(void **state)
{
	return enter_folder(state) || system(": >empty && echo 'no recording at all' >text && "
					     "printf '\\3757zXZ\\000' >only-magic");
}

int
main(void)
{
	static char names[BAD_CASES][128];
	struct CMUnitTest tests[BAD_CASES + 4];
	size_t count = 0;

	tests[count++] = (struct CMUnitTest)cmocka_unit_test(plain_cut_short);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(packed_cut_short);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(plain_flipped);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(packed_flipped);
	for (size_t i = 0; i < BAD_CASES; i++) {
		snprintf(names[i], sizeof names[i], "refuses %.100s", bad_cases[i].arguments);
		tests[count++] = (struct CMUnitTest){
			names[i], refuses, NULL, NULL, (void *)(uintptr_t)&bad_cases[i]};
	}
	return _cmocka_run_group_tests("damage", tests, count, make_files, NULL);
}
