// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "message.h"
#include "options.h"
#include "run.h"
#include "steps.h"
#include "tally.h"

static int
command_run(int count, char *arguments[])
{
	struct run_options options;

	switch (options_parse(&options, count, arguments)) {
	case OPTIONS_WRONG:
		return STATUS_ERROR;
	case OPTIONS_HELP:
		return STATUS_OK;
	case OPTIONS_RUN:
		break;
	}
	if (options.list_steps)
		return steps_list();
	if (options.without)
		return run_checks_without(&options);
	return options.checks ? run_checks(&options) : run_workload(&options);
}

/* command_mutant: `salvo mutant STEP`: the test that the kernel misses the step. */
static int
command_mutant(int count, char *arguments[])
{
	char *asked[] = {
		arguments[0], "--checks", "--without", count == 2 ? arguments[1] : "", NULL};
	struct run_options options;

	if (options_parse(&options, 4, asked) != OPTIONS_RUN)
		return STATUS_ERROR;
	return mutant_is_killed(&options);
}

int
main(int count, char *arguments[])
{
	const char *command = count > 1 ? arguments[1] : "";

	child_catch_signals();
	if (strcmp(command, "run") == 0)
		return command_run(count - 1, arguments + 1);
	if (strcmp(command, "mutant") == 0)
		return command_mutant(count - 1, arguments + 1);
	if (strcmp(command, "tally") == 0)
		return tally(count - 2, arguments + 2);
	if (strcmp(command, "lint") == 0)
		return lint(count - 2, arguments + 2);
	return error("unknown command '%s': run, mutant, tally or lint", command);
}
