// SPDX-License-Identifier: MIT
/*
 * What if the machine misbehaves? `salvo run` against fake/qemu-system-x86_64, with a file of zeros
 * that is large enough to be pressed out of memory.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

#include "command.h"

enum { ZERO_PAGES = 8192 };

struct run_case {
	const char *fake; /* what the machine does */
	const char *arguments;
	int status;
	const char *says; /* part of standard error */
};

static const struct run_case cases[] = {
	{"good", "--file zeros", 0, ""},
	{"good", "--file zeros --policy batch", 0, ""},
	{"good", "--file 'zeros with a blank'", 0, ""},
	{"good", "--file zeros --policy two-phase", 0, "reclaim, policy two-phase"},
	{"good", "--file zeros --workload all", 0, ": not-resident, policy flush-per-group"},
	{"good", "--file zeros --workload all --policy batch", 0, "14 of 14: not-resident"},
	{"wrong-data", "--file zeros --workload all", 1, "wrong data under policy page"},
	{"panic", "--file zeros --workload all", 2, "panicked under policy page: out of luck"},
	{"no-pages", "--file zeros --workload move", 2, "no page was moved"},
	{"good", "--file zeros >/dev/full", 2, "cannot write the result"},
	{"good", "--file zeros --workload all --policy page >/dev/full", 2,
		"cannot write the result"},
	{"good", "--file zeros --json >/dev/full", 2, "cannot write the result"},
	{"stall", "--file zeros", 0, "stall: CPU 2 does not answer"},
	{"wrong-data", "--file zeros", 1, "wrong data under policy page"},
	{"good", "--file zeros --dirty", 1, "the disk does not hold what was written"},
	{"no-pages", "--file zeros", 2, "no page was reclaimed"},
	{"no-figures", "--file zeros", 2, "without its count of pages"},
	{"panic", "--file zeros", 2, "panicked under policy page: out of luck"},
	{"silent", "--file zeros --silence 1", 2, "no sign of life for 1 s"},
	{"no-line-end", "--file zeros --silence 1", 2, "no sign of life for 1 s"},
	{"same-progress", "--file zeros --silence 1", 2, "no sign of life for 1 s"},
	{"stalls", "--file zeros --silence 1", 2, "no sign of life for 1 s"},
	{"slow", "--file zeros --policy batch --silence 2", 0, ""},
	{"broken", "--file zeros", 2, "no such machine"},
	{"failure", "--file zeros", 2, "ended with a failure"},
	{"failure-good-data", "--file zeros", 2, "ended with a failure"},
	{"failure-wrong-data", "--file zeros", 1, "the processes read 0000000000000001"},
	{"checks-good", "--checks", 0, ""},
	{"checks-bad", "--checks", 1, ""},
	{"checks-bad-panic", "--checks", 1, ""},
	{"checks-bad-silent", "--checks --silence 1", 1, ""},
	{"checks-cut", "--checks", 2, "before all of its checks"},
	{"checks-none", "--checks", 2, "before all of its checks"},
	{"checks-panic", "--checks", 2, "panicked before its verdict: no"},
	{"checks-silent", "--checks --silence 1", 2, "gave no verdict"},
};
enum { CASES = sizeof cases / sizeof cases[0] };

static void
run_fake(struct output *output, const char *fake, const char *arguments)
{
	char command[1024];

	unlink("pid");
	snprintf(command, sizeof command,
		"FAKE=%s FAKE_PID=\"$PWD/pid\" PATH='" FAKE_FOLDER "':\"$PATH\" '" SALVO_PATH
		"' run %s",
		fake, arguments);
	command_run(output, command);
}

/* expect_gone: the machine that left its process id runs no more. */
static void
expect_gone(void)
{
	FILE *file = fopen("pid", "r");
	long pid = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	for (int tries = 0; tries < 50 && kill((pid_t)pid, 0) == 0; tries++)
		usleep(100000);
	assert_int_equal(kill((pid_t)pid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

static void
ends_as_it_should(void **state)
{
	const struct run_case *run = *state;
	struct output output;

	run_fake(&output, run->fake, run->arguments);
	output_check(&output, run->status, run->says);
	expect_gone();
}

/* What if nobody reads the progress? The object must be all there is on standard output. */
static void
json_is_one_object(void **state)
{
	static const char *const keys[] = {
		"workload", "readers", "cpus", "memory_mib", "file", "file_checksum"};
	struct output output;
	json_t *object, *policy;

	(void)state;
	run_fake(&output, "good", "--file zeros --json");
	assert_int_equal(output.status, 0);
	object = json_loads(output.out, 0, NULL);
	assert_non_null(object);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		assert_non_null(json_object_get(object, keys[i]));
	assert_int_equal(json_array_size(json_object_get(object, "policies")), 2);
	policy = json_array_get(json_object_get(object, "policies"), 1);
	assert_string_equal(json_string_value(json_object_get(policy, "name")), "batch");
	assert_int_equal(json_integer_value(json_object_get(policy, "pages")), 100);
	assert_int_equal(json_integer_value(json_object_get(policy, "interrupts")), 50);
	assert_true(
		json_number_value(json_object_get(policy, "interrupts_per_1000_pages")) == 500.0);
	assert_true(json_number_value(json_object_get(policy, "cycles_per_page")) == 900.0);
	assert_string_equal(json_string_value(json_object_get(policy, "checksum")),
		json_string_value(json_object_get(object, "file_checksum")));
	json_decref(object);
}

static void
all_is_one_object(void **state)
{
	struct output output;
	json_t *object, *list, *workload, *policy;

	(void)state;
	run_fake(&output, "good", "--file zeros --workload all --json");
	assert_int_equal(output.status, 0);
	object = json_loads(output.out, 0, NULL);
	assert_non_null(object);
	list = json_object_get(object, "workloads");
	assert_int_equal(json_array_size(list), 14);
	workload = json_array_get(list, 5);
	assert_string_equal(json_string_value(json_object_get(workload, "name")), "clean");
	assert_int_equal(json_array_size(json_object_get(workload, "policies")), 7);
	policy = json_array_get(json_object_get(workload, "policies"), 2);
	assert_string_equal(json_string_value(json_object_get(policy, "name")), "no-lazy-skip");
	policy = json_array_get(json_object_get(workload, "policies"), 1);
	assert_string_equal(json_string_value(json_object_get(policy, "name")), "batch");
	assert_int_equal(json_integer_value(json_object_get(policy, "operations")), 100);
	assert_int_equal(json_integer_value(json_object_get(policy, "interrupts")), 50);
	assert_true(json_number_value(json_object_get(policy, "interrupts_per_1000")) == 500.0);
	assert_true(json_number_value(json_object_get(policy, "cycles_per_operation")) == 900.0);
	json_decref(object);
}

static void
table_names_both_sums(void **state)
{
	struct output output;

	(void)state;
	run_fake(&output, "good", "--file zeros");
	assert_non_null(strstr(output.out, "checksum of the file"));
	assert_non_null(strstr(output.out, getenv("FAKE_CHECKSUM")));
	assert_non_null(strstr(output.out, "CPUs skipped: lazy"));
	assert_non_null(strstr(output.out, "Linux 6.1"));
	assert_non_null(strstr(output.out, "touched one byte of each page"));
	run_fake(&output, "good", "--file zeros --memory 16");
	assert_int_equal(output.status, 0);
	assert_null(strstr(output.out, "Linux"));
}

/* What if nobody reads what the command prints, for longer than a kernel may be silent? */
static void
held_up(void **state)
{
	struct output output;

	(void)state;
	command_run(&output,
		"{ FAKE=many-lines PATH='" FAKE_FOLDER "':\"$PATH\" '" SALVO_PATH
		"' run --file zeros --policy batch --silence 2 2>&1 >/dev/null; echo ended $?; } "
		"| { sleep 4; tail -n 1; }");
	assert_string_equal(output.out, "ended 0\n");
}

/* What if QEMU is not installed? */
static void
no_emulator(void **state)
{
	struct output output;

	(void)state;
	command_run(
		&output, "mkdir -p nothing && PATH=$PWD/nothing '" SALVO_PATH "' run --file zeros");
	output_check(&output, 2, "qemu-system-x86_64 is not there");
}

/* What if the run is interrupted, or killed outright, while the machine is silent? */
static void
killed_with_the_command(const char *signal_name, int status)
{
	struct output output;
	char command[1024];

	unlink("pid");
	snprintf(command, sizeof command,
		"FAKE=silent FAKE_PID=\"$PWD/pid\" PATH='" FAKE_FOLDER "':\"$PATH\" '" SALVO_PATH
		"' run --file zeros & while [ ! -s pid ]; do sleep 0.1; done; kill -%s $!; wait $!",
		signal_name);
	command_run(&output, command);
	assert_int_equal(output.status, status);
	expect_gone();
}

static void
interrupted(void **state)
{
	(void)state;
	killed_with_the_command("TERM", 128 + SIGTERM);
}

static void
killed(void **state)
{
	(void)state;
	killed_with_the_command("KILL", 128 + SIGKILL);
}

/* enter_folder: a folder with two files of zeros, and their checksum for the fake machine. */
static int
enter_folder(void **state)
{
	static const unsigned char zeros[4096];
	uint64_t checksum = 0;
	char text[17];

	(void)state;
	for (uint64_t i = 1; i <= ZERO_PAGES; i++)
		checksum += i * crc32(0, zeros, sizeof zeros);
	snprintf(text, sizeof text, "%016" PRIx64, checksum);
	return system("rm -rf '" WORK_FOLDER "' && mkdir -p '" WORK_FOLDER "' && cd '" WORK_FOLDER
		      "' && truncate -s 32M zeros 'zeros with a blank'") ||
	       chdir(WORK_FOLDER) || setenv("FAKE_CHECKSUM", text, 1);
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(json_is_one_object),
		cmocka_unit_test(all_is_one_object),
		cmocka_unit_test(table_names_both_sums),
		cmocka_unit_test(held_up),
		cmocka_unit_test(no_emulator),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(killed),
	};
	enum { OTHERS = sizeof others / sizeof others[0] };
	struct CMUnitTest tests[CASES + OTHERS];
	char names[CASES][128];

	for (size_t i = 0; i < CASES; i++) {
		snprintf(names[i], sizeof names[i], "machine: %s, run %s", cases[i].fake,
			cases[i].arguments);
		tests[i] = (struct CMUnitTest){
			names[i], ends_as_it_should, NULL, NULL, (void *)(uintptr_t)&cases[i]};
	}
	memcpy(tests + CASES, others, sizeof others);
	return _cmocka_run_group_tests("run", tests, CASES + OTHERS, enter_folder, NULL);
}
