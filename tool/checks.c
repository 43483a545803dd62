// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
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
 * judge: the exit status of a run of the checks.
 * A check that has failed is a verdict, whatever becomes of the kernel afterwards.
 */
static int
judge(const struct relay *relay, const struct machine *machine, enum machine_end end)
{
	if (relay->tap.failed > 0)
		return STATUS_WRONG;
	if (end == MACHINE_SUCCESS && tap_whole(&relay->tap))
		return STATUS_OK;
	if (relay->panic[0])
		return error("the kernel panicked before its verdict: %s (%s)", relay->panic,
			machine->log);
	if (end == MACHINE_SILENT)
		return error("the kernel gave no sign of life for %u s and gave no verdict (%s)",
			machine->silence_s, machine->log);
	if (end != MACHINE_BROKEN)
		return error("the kernel ended before all of its checks had (%s)", machine->log);
	return STATUS_ERROR;
}

static int
run_with_disk(const struct run_options *options, struct checks *checks, const struct image *image)
{
	char command_line[160];
	struct machine machine = {
		.kernel = checks->kernel,
		.command_line = command_line,
		.log = checks->log,
		.cpus = options->cpus,
		.memory_mib = options->memory_mib ? options->memory_mib : CHECKS_MEMORY_MIB,
		.silence_s = options->silence_s,
		.disk = image->disk,
	};
	struct relay relay = {.checks = checks};

	snprintf(command_line, sizeof command_line, "workload=checks bytes=%" PRIu64 "%s%s",
		image->bytes, checks->alone ? " check=" : "", checks->alone ? checks->wanted : "");
	tap_begin(&relay.tap);
	return judge(&relay, &machine, machine_run(&machine, relay_line, &relay));
}

/* run_checks_on: boots a kernel with its self-checks; the disk is a copy of a file, as in a run. */
int
run_checks_on(const struct run_options *options, struct checks *checks)
{
	char *chosen = options->file ? NULL : image_default_path();
	const char *path = options->file ? options->file : chosen;
	int status = STATUS_ERROR;
	struct image image;

	if (path && image_open(&image, path)) {
		if (image_copy(&image))
			status = run_with_disk(options, checks, &image);
		image_close(&image);
	}
	free(chosen);
	return status;
}

int
run_checks(const struct run_options *options)
{
	struct checks checks = {
		.kernel = SALVO_KERNEL_ROOT "/kernel.elf",
		.log = SALVO_BUILD_ROOT "/checks.log",
		.prefix = "",
		.wanted = "",
	};

	return run_checks_on(options, &checks);
}
