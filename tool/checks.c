// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <string.h>

#include "machine.h"
#include "message.h"
#include "result.h"
#include "run.h"
#include "tap.h"

enum { CHECKS_MEMORY_MIB = 64 };

/* The listener's context. */
struct relay {
	struct checks *checks;
	struct tap tap;
	char panic[PANIC_BYTES];
};

/* relay_line: a machine_listener; what is TAP goes to standard output as it comes. */
static bool
relay_line(void *context, char *line)
{
	static const char panic[] = "panic: ", stall[] = "stall:";
	struct relay *relay = context;
	struct checks *checks = relay->checks;
	enum tap_line kind = tap_take(&relay->tap, line);

	if (kind != TAP_OTHER) {
		printf("%s%s\n", checks->prefix, line);
		fflush(stdout);
	} else if (strncmp(line, stall, sizeof stall - 1) == 0) {
		fprintf(stderr, "%s\n", line);
	} else if (strncmp(line, panic, sizeof panic - 1) == 0) {
		snprintf(relay->panic, PANIC_BYTES, "%s", line + sizeof panic - 1);
		return false;
	}
	if (kind == TAP_NOT_OK && strcmp(tap_name(line), checks->wanted) == 0)
		checks->wanted_failed = true;
	return !checks->wanted_failed;
}

/*
 * run_checks_on: boots a kernel with its self-checks.
 * A check that has failed is a verdict, whatever becomes of the kernel afterwards.
 */
int
run_checks_on(const struct run_options *options, struct checks *checks)
{
	struct machine machine = {
		.kernel = checks->kernel,
		.command_line = "workload=checks",
		.log = checks->log,
		.cpus = options->cpus,
		.memory_mib = options->memory_mib ? options->memory_mib : CHECKS_MEMORY_MIB,
		.silence_s = options->silence_s,
		.disk = -1,
	};
	struct relay relay = {.checks = checks};
	enum machine_end end;

	tap_begin(&relay.tap);
	end = machine_run(&machine, relay_line, &relay);
	if (relay.tap.failed > 0)
		return STATUS_WRONG;
	if (end == MACHINE_SUCCESS && tap_whole(&relay.tap))
		return STATUS_OK;
	if (relay.panic[0])
		return error("the kernel panicked before its verdict: %s (%s)", relay.panic,
			checks->log);
	if (end == MACHINE_SILENT)
		return error("the kernel printed nothing for %u s and gave no verdict (%s)",
			machine.silence_s, checks->log);
	if (end != MACHINE_BROKEN)
		return error("the kernel ended before all of its checks had (%s)", checks->log);
	return STATUS_ERROR;
}

int
run_checks(const struct run_options *options)
{
	struct checks checks = {
		.kernel = SALVO_KERNEL,
		.log = SALVO_BUILD_ROOT "/checks.log",
		.prefix = "",
		.wanted = "",
	};

	return run_checks_on(options, &checks);
}
