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

static int
command_mutants(int count, char *arguments[])
{
	struct run_options options;

	return options_parse(&options, count, arguments) == OPTIONS_RUN ? run_mutants(&options)
									: STATUS_ERROR;
}

int
main(int count, char *arguments[])
{
	const char *command = count > 1 ? arguments[1] : "";

	child_catch_signals();
	if (strcmp(command, "run") == 0)
		return command_run(count - 1, arguments + 1);
	if (strcmp(command, "mutants") == 0)
		return command_mutants(count - 1, arguments + 1);
	if (strcmp(command, "tally") == 0)
		return tally(count - 2, arguments + 2);
	if (strcmp(command, "lint") == 0)
		return lint(count - 2, arguments + 2);
	return error("unknown command '%s': run, mutants, tally or lint", command);
}
