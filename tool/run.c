// SPDX-License-Identifier: MIT
/*
 * run.c: the main job. One boot of the kernel a policy, each with a fresh copy of the file as its
 * disk; then the figures, beside the file's checksum as the host sees it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image.h"
#include "machine.h"
#include "message.h"
#include "report.h"
#include "result.h"
#include "run.h"

enum { MIB = 1 << 20 };

/*
 * choose_memory: what was asked for, or the file's length / 2.25; 0, with a line on standard
 * error, when the file would not press on it.
 */
static unsigned
choose_memory(const struct run_options *options, const char *path, uint64_t bytes)
{
	uint64_t memory = bytes * 4 / 9 / MIB;

	if (!options->workload->reads_file)
		return options->memory_mib ? options->memory_mib : MEMORY_DEFAULT_MIB;
	if (options->memory_mib) {
		if (bytes >= (uint64_t)options->memory_mib * MIB)
			return options->memory_mib;
		error("%s is smaller than --memory %u MiB: nothing would be reclaimed", path,
			options->memory_mib);
		return 0;
	}
	if (memory < MEMORY_MINIMUM_MIB)
		memory = MEMORY_MINIMUM_MIB;
	if (memory > MEMORY_MAXIMUM_MIB)
		memory = MEMORY_MAXIMUM_MIB;
	if (bytes >= 2 * memory * MIB)
		return (unsigned)memory;
	error("%s is too small: less than twice the kernel's least memory, %u MiB", path,
		MEMORY_MINIMUM_MIB);
	return 0;
}

/* explain: one line for an end of the machine that machine_run() has not explained itself. */
static void
explain(enum machine_end end, const struct result *result, const struct machine *machine)
{
	const char *policy = policy_names[result->policy];

	if (result->panic[0])
		error("the kernel panicked under policy %s: %s (%s)", policy, result->panic,
			machine->log);
	else if (end == MACHINE_SILENT)
		error("the kernel gave no sign of life for %u s under policy %s (%s)",
			machine->silence_s, policy, machine->log);
	else if (end == MACHINE_FAILURE || end == MACHINE_PANIC)
		error("the kernel ended with a failure under policy %s (%s)", policy, machine->log);
}

/* boot: one policy, from power on to its figures; false, with a line on standard error, if not. */
static bool
boot(const struct run_options *options, const struct image *image, unsigned memory_mib,
	struct result *result)
{
	const char *policy = policy_names[result->policy];
	char command_line[256], log[256], label[64];
	struct machine machine = {
		.kernel = SALVO_KERNEL_ROOT "/kernel.elf",
		.command_line = command_line,
		.log = log,
		.cpus = options->cpus,
		.memory_mib = memory_mib,
		.silence_s = options->silence_s,
		.disk = image->disk,
	};
	struct hearing hearing = {.result = result};
	enum machine_end end;

	snprintf(command_line, sizeof command_line,
		"workload=%s policy=%s readers=%s dirty=%d bytes=%" PRIu64, options->workload->name,
		policy, options->processes ? "processes" : "threads", options->dirty, image->bytes);
	snprintf(
		log, sizeof log, "%s/%s-%s.log", SALVO_BUILD_ROOT, options->workload->name, policy);
	snprintf(label, sizeof label, "%s, policy %s", options->workload->name, policy);
	progress_begin(&hearing.progress, label);
	end = machine_run(&machine, result_listen, &hearing);
	progress_clear(&hearing.progress);
	if (end == MACHINE_SUCCESS)
		return result_complete(result, options->workload);
	explain(end, result, &machine);
	return false;
}

/* boot_all: every policy that was asked for; the number of results, 0 if one of them failed. */
static int
boot_all(const struct run_options *options, struct image *image, unsigned memory_mib,
	struct result results[POLICIES], bool *writes_held)
{
	int count = 0;

	*writes_held = true;
	for (int policy = 0; policy < POLICIES; policy++) {
		struct result *result = &results[count];

		if (!options->policies[policy])
			continue;
		*result = (struct result){.policy = (enum policy)policy};
		if (!image_copy(image) || !boot(options, image, memory_mib, result))
			return 0;
		count++;
		if (options->dirty && !image_holds_writes(image))
			*writes_held = false;
	}
	return count;
}

/* sums_agree: what the processes read is the file; else a line on standard error. */
static bool
sums_agree(const struct report *report)
{
	for (int i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];

		if (!result->checksum || strcmp(result->checksum, report->file_checksum) == 0)
			continue;
		error("wrong data under policy %s: the processes read %s, the file is %s",
			policy_names[result->policy], result->checksum, report->file_checksum);
		return false;
	}
	return true;
}

static int
run_file(const struct run_options *options, const char *path, struct image *image)
{
	struct result results[POLICIES];
	struct report report = {.options = options, .file = path, .results = results};
	bool writes_held;

	report.memory_mib = choose_memory(options, path, image->bytes);
	if (report.memory_mib == 0)
		return STATUS_ERROR;
	report.count = boot_all(options, image, report.memory_mib, results, &writes_held);
	if (report.count == 0)
		return STATUS_ERROR;
	snprintf(report.file_checksum, sizeof report.file_checksum, "%016" PRIx64, image->checksum);
	if (options->json && !report_json(&report))
		return STATUS_ERROR;
	if (!options->json)
		report_table(&report);
	return sums_agree(&report) && writes_held ? STATUS_OK : STATUS_WRONG;
}

/* run_workload: the exit status of `salvo run`. */
int
run_workload(const struct run_options *options)
{
	char *chosen = options->file ? NULL : image_default_path();
	const char *path = options->file ? options->file : chosen;
	int status = STATUS_ERROR;
	struct image image;

	if (path && image_open(&image, path)) {
		status = run_file(options, path, &image);
		image_close(&image);
	}
	free(chosen);
	return status;
}
