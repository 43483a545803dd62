// SPDX-License-Identifier: MIT
/* What does the count of all tests say of suites that fail, break, or print nothing? */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"

struct tally_case {
	const char *name;
	const char *log; /* lines of Meson's testlog.json */
	int status;
	const char *prints;
};

#define GOOD "{'name': 'good', 'result': 'OK', 'stdout': 'ok 1 - a\\nok 2 - b\\n1..2\\n'}\n"

static const struct tally_case cases[] = {
	{"all pass", GOOD GOOD, 0, "4 passed, 0 failed\n"},
	{"a case fails",
		GOOD "{'name': 'bad', 'result': 'FAIL', 'stderr': 'x',"
		     " 'stdout': '1..2\\nok 1 - a\\nnot ok 2 - b\\n'}\n",
		1, "failed: log: bad: b\n3 passed, 1 failed\n"},
	{"a suite breaks",
		GOOD "{'name': 'bad', 'result': 'ERROR', 'stdout': 'ok 1 - a\\n',"
		     " 'stderr': 'first\\nthe kernel panicked\\n'}\n",
		1,
		"failed: log: bad: ERROR, after 1 cases: the kernel panicked\n"
		"3 passed, 1 failed\n"},
	{"a sanitizer stops a suite",
		"{'name': 'bad', 'result': 'ERROR', 'stdout': '', 'stderr':"
		" '==7==ERROR\\nSUMMARY: heap-use-after-free\\n==7==ABORTING\\n'}\n",
		1,
		"failed: log: bad: ERROR, after 0 cases: SUMMARY: heap-use-after-free\n"
		"0 passed, 1 failed\n"},
	{"a suite breaks silently", "{'name': 'bad', 'result': 'TIMEOUT', 'stdout': ''}\n", 1,
		"failed: log: bad: TIMEOUT, after 0 cases\n0 passed, 1 failed\n"},
	{"a suite has no case", GOOD "{'name': 'none', 'result': 'OK', 'stdout': ''}\n", 1,
		"failed: log: none: OK, after 0 cases\n2 passed, 1 failed\n"},
	{"no suite was run", "", 1, "failed: log: no suite was run\n0 passed, 1 failed\n"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

/* write_log: with the quotes that JSON wants. */
static void
write_log(const char *text)
{
	FILE *log = fopen("log", "w");

	assert_non_null(log);
	for (; *text; text++)
		assert_int_not_equal(fputc(*text == '\'' ? '"' : *text, log), EOF);
	assert_int_equal(fclose(log), 0);
}

static void
counts(void **state)
{
	const struct tally_case *tally = *state;
	struct output output;

	write_log(tally->log);
	command_run(&output, "'" SALVO_PATH "' tally log");
	assert_int_equal(output.status, tally->status);
	assert_string_equal(output.out, tally->prints);
}

/* What if a log was never written? */
static void
missing_log(void **state)
{
	struct output output;

	(void)state;
	write_log(GOOD);
	command_run(&output, "'" SALVO_PATH "' tally log nowhere");
	assert_int_equal(output.status, 1);
	assert_string_equal(output.out, "failed: nowhere: no suite was run\n2 passed, 1 failed\n");
}

static int
enter_folder(void **state)
{
	(void)state;
	return system("rm -rf '" WORK_FOLDER "' && mkdir -p '" WORK_FOLDER "'") ||
	       chdir(WORK_FOLDER);
}

int
main(void)
{
	struct CMUnitTest tests[CASES + 1];

	for (size_t i = 0; i < CASES; i++)
		tests[i] = (struct CMUnitTest){
			.name = cases[i].name,
			.test_func = counts,
			.initial_state = (void *)&cases[i],
		};
	tests[CASES] = (struct CMUnitTest)cmocka_unit_test(missing_log);
	return cmocka_run_group_tests_name("tally", tests, enter_folder, NULL);
}
