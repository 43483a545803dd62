// SPDX-License-Identifier: MIT
/*
 * What if the command line makes no sense? One line on standard error that begins with the
 * program's name, nothing on standard output, exit status 2; and `dev` says so before it
 * installs or builds anything, so these cases run with a PATH that has no compiler.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"

enum { NAME_BYTES = 128 };

struct bad_case {
	const char *arguments;
	const char *says; /* part of the line */
};

/* In the shell's working directory: empty, small and "a b" are files. */
static const struct bad_case cases[] = {
	{"run --bogus", "--bogus"},
	{"run bogus", "bogus"},
	{"run --cpus", "--cpus"},
	{"run --cpus 0", "from 1 to 64"},
	{"run --cpus 65", "from 1 to 64"},
	{"run --cpus=4x", "from 1 to 64"},
	{"run --cpus 04", "from 1 to 64"},
	{"run --cpus -1", "from 1 to 64"},
	{"run --cpus 99999999999999999999", "from 1 to 64"},
	{"run --memory 0", "--memory"},
	{"run --memory 1", "--memory"},
	{"run --memory many", "many"},
	{"run --memory 0100", "not '0100'"},
	{"run --memory 099 --file small", "not '099'"},
	{"run --memory ''", "--memory"},
	{"run --policy both", "unknown policy"},
	{"run --workload fork", "unknown workload"},
	{"run --readers cpus", "unknown kind of readers"},
	{"run --silence 0", "--silence"},
	{"run --file no-such-file", "no-such-file"},
	{"run --file /", "/ is"},
	{"run --file /dev/zero", "not a regular file"},
	{"run --file empty", "empty is empty"},
	{"run --file small", "small is too small"},
	{"run --file 'a b'", "a b is too small"},
	{"run --memory 64 --file small", "smaller than --memory 64"},
	{"run --without shootdown", "--without STEP goes with --checks"},
	{"run --checks --without no-such-step", "unknown step"},
	{"run --checks --without ../mutants/x", "unknown step"},
	{"run --checks --json", "--json"},
	{"run --dirty --workload munmap", "--dirty"},
	{"run --dirty --workload all", "--dirty"},
	{"run --workload ''", "unknown workload"},
	{"run --workload move --dirty", "--dirty"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static const struct bad_case dev_cases[] = {
	{"", "which command"},
	{"bogus", "unknown command"},
	{"test --fast", "--fast"},
	{"sizes --check", "--check"},
};
enum { DEV_CASES = sizeof dev_cases / sizeof dev_cases[0] };

static void
expect_one_line(const struct bad_case *bad, const char *path, const char *program)
{
	struct output output;
	char command[1024];
	size_t length = strlen(program);

	snprintf(command, sizeof command, "%s %s", path, bad->arguments);
	command_run(&output, command);
	output_check(&output, 2, bad->says);
	assert_string_equal(output.out, "");
	assert_int_equal(lines_in(output.err), 1);
	assert_int_equal(strncmp(output.err, program, length), 0);
}

static void
dev_refuses(void **state)
{
	expect_one_line(*state, "PATH=\"$PWD/bin\" /bin/sh '" DEV_PATH "'", "dev: ");
}

static void
salvo_refuses(void **state)
{
	expect_one_line(*state, "'" SALVO_PATH "'", "salvo: ");
}

/* What if help is asked for on a bare machine? */
static void
dev_helps(void **state)
{
	struct output output;

	(void)state;
	command_run(&output, "PATH=\"$PWD/bin\" /bin/sh '" DEV_PATH "' run --help");
	assert_int_equal(output.status, 0);
	assert_string_equal(output.err, "");
	assert_non_null(strstr(output.out, "--memory"));
}

/* enter_folder: a folder with the files of the cases and the few programs that `dev` may use. */
static int
enter_folder(void **state)
{
	(void)state;
	return system("rm -rf '" WORK_FOLDER "' && mkdir -p '" WORK_FOLDER
		      "/bin' && cd '" WORK_FOLDER "' && : >empty && echo x >small && echo x >'a b' "
		      "&& for tool in dirname sed wc cat; do "
		      "ln -s \"$(command -v $tool)\" bin/; done") ||
	       chdir(WORK_FOLDER);
}

static struct CMUnitTest
case_of(const struct bad_case *bad, CMUnitTestFunction test, const char *program,
	char name[NAME_BYTES])
{
	snprintf(name, NAME_BYTES, "%s %s", program, bad->arguments);
	return (struct CMUnitTest){name, test, NULL, NULL, (void *)(uintptr_t)bad};
}

int
main(void)
{
	struct CMUnitTest tests[2 * CASES + DEV_CASES + 1];
	char names[2 * CASES + DEV_CASES][NAME_BYTES];
	size_t count = 0;

	for (size_t i = 0; i < CASES; i++) {
		tests[count] = case_of(&cases[i], dev_refuses, "dev", names[count]);
		count++;
		tests[count] = case_of(&cases[i], salvo_refuses, "salvo", names[count]);
		count++;
	}
	for (size_t i = 0; i < DEV_CASES; i++) {
		tests[count] = case_of(&dev_cases[i], dev_refuses, "dev", names[count]);
		count++;
	}
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(dev_helps);
	return _cmocka_run_group_tests("bad input", tests, count, enter_folder, NULL);
}
