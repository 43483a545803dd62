// SPDX-License-Identifier: MIT
/*
 * run.c: the workloads. One boot of the kernel a policy, each with a fresh copy of the file as its
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

enum {
	MIB = 1 << 20,
	PASSES = 3, /* over the file, by reclaim's readers; beside other workloads one, of `page` */
};

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
	const char *policy = policies[result->policy].name;

	if (result->panic[0])
		error("the kernel panicked under policy %s: %s (%s)", policy, result->panic,
			machine->log);
	else if (end == MACHINE_SILENT)
		error("the kernel gave no sign of life for %u s under policy %s (%s)",
			machine->silence_s, policy, machine->log);
	else if (end == MACHINE_FAILURE || end == MACHINE_PANIC)
		error("the kernel ended with a failure under policy %s (%s)", policy, machine->log);
}

/* sum_agrees: what was read is the file, or nobody said; else a line on standard error. */
static bool
sum_agrees(const struct result *result, const struct image *image)
{
	const char *sum = result_value(result, "checksum");
	char file_sum[17];

	snprintf(file_sum, sizeof file_sum, "%016" PRIx64, image->checksum);
	if (!sum || strcmp(sum, file_sum) == 0)
		return true;
	error("wrong data under policy %s: the processes read %s, the file is %s",
		policies[result->policy].name, sum, file_sum);
	return false;
}

/*
 * boot: one policy, from power on to its figures. Unless it returns STATUS_OK, there was a line on
 * standard error; STATUS_WRONG: the kernel found a failure, and what it had read is not the file.
 */
static int
boot(const struct report *report, const struct image *image, struct result *result)
{
	const struct run_options *options = report->options;
	const struct policy_kind *policy = &policies[result->policy];
	char kernel[512] = SALVO_KERNEL_ROOT "/kernel.elf";
	char command_line[256], log[256], label[80];
	struct machine machine = {
		.kernel = kernel,
		.command_line = command_line,
		.log = log,
		.cpus = options->cpus,
		.memory_mib = report->memory_mib,
		.silence_s = options->silence_s,
		.disk = image->disk,
	};
	struct hearing hearing = {.result = result};
	enum machine_end end;
	int length;

	if (policy->without && !kernel_without(policy->without, kernel, sizeof kernel))
		return STATUS_ERROR;
	snprintf(command_line, sizeof command_line,
		"workload=%s %s readers=%s dirty=%d bytes=%" PRIu64 " passes=%u",
		options->workload->kernel ? options->workload->kernel : options->workload->name,
		policy->kernel, options->processes ? "processes" : "threads", options->dirty,
		image->bytes, options->all && result->policy == POLICY_PAGE ? 1 : PASSES);
	snprintf(log, sizeof log, "%s/%s-%s.log", SALVO_BUILD_ROOT, options->workload->name,
		policy->name);
	length = report->boots ? snprintf(label, sizeof label,
					 "%d of %d: ", report->boots_before + report->count + 1,
					 report->boots)
			       : 0;
	snprintf(label + length, sizeof label - (size_t)length, "%s, policy %s",
		options->workload->name, policy->name);
	progress_begin(&hearing.progress, label);
	end = machine_run(&machine, result_listen, &hearing);
	progress_clear(&hearing.progress);
	if (end == MACHINE_SUCCESS)
		return result_complete(result, options->workload) ? STATUS_OK : STATUS_ERROR;
	explain(end, result, &machine);
	return end == MACHINE_FAILURE && !sum_agrees(result, image) ? STATUS_WRONG : STATUS_ERROR;
}

/*
 * boot_all: every policy that was asked for, up to one whose boot failed. Returns STATUS_OK with
 * their results in the report, else what that boot came to.
 */
static int
boot_all(struct report *report, struct image *image, struct result results[POLICIES],
	bool *writes_held)
{
	const struct run_options *options = report->options;

	*writes_held = true;
	for (int policy = 0; policy < POLICIES; policy++) {
		struct result *result = &results[report->count];
		int status;

		if ((options_policies(options) & 1u << policy) == 0)
			continue;
		*result = (struct result){.policy = (enum policy)policy};
		if (!image_copy(image))
			return STATUS_ERROR;
		status = boot(report, image, result);
		if (status != STATUS_OK)
			return status;
		report->count++;
		if (options->dirty && !image_holds_writes(image))
			*writes_held = false;
	}
	return STATUS_OK;
}

/* sums_agree: of all boots. */
static bool
sums_agree(const struct report *report, const struct image *image)
{
	for (int i = 0; i < report->count; i++)
		if (!sum_agrees(&report->results[i], image))
			return false;
	return true;
}

/*
 * run_one: the boots of one workload, without a word on standard output. STATUS_WRONG: the report
 * is whole, but what was read or written is not what it should be.
 */
static int
run_one(struct report *report, struct image *image, struct result results[POLICIES])
{
	bool writes_held;
	int status;

	report->results = results;
	report->memory_mib = choose_memory(report->options, report->file, image->bytes);
	if (report->memory_mib == 0)
		return STATUS_ERROR;
	status = boot_all(report, image, results, &writes_held);
	if (status != STATUS_OK)
		return status;
	snprintf(report->file_checksum, sizeof report->file_checksum, "%016" PRIx64,
		image->checksum);
	return sums_agree(report, image) && writes_held ? STATUS_OK : STATUS_WRONG;
}

static int
run_file(const struct run_options *options, const char *path, struct image *image)
{
	struct result results[POLICIES];
	struct report report = {.options = options, .file = path};
	int status = run_one(&report, image, results);

	if (report.file_checksum[0] == '\0') /* a boot failed, and that was said */
		return status;
	if (!(options->json ? report_json(&report) : report_table(&report)))
		return STATUS_ERROR;
	return status;
}

/* run_all: every workload, up to one that does not come to its end. */
static int
run_all(const struct run_options *options, const char *path, struct image *image)
{
	struct report *reports = calloc((size_t)workload_count, sizeof *reports);
	struct result(*results)[POLICIES] = calloc((size_t)workload_count, sizeof *results);
	struct run_options *each = calloc((size_t)workload_count, sizeof *each);
	int status = reports && results && each ? STATUS_OK : error("out of memory");
	int boots = 0, before = 0;

	for (int i = 0; i < workload_count && status == STATUS_OK; i++) {
		each[i] = *options;
		each[i].workload = &workloads[i];
		boots += __builtin_popcount(options_policies(&each[i]));
	}
	for (int i = 0; i < workload_count && status == STATUS_OK; i++) {
		reports[i] = (struct report){
			.options = &each[i], .file = path, .boots_before = before, .boots = boots};
		before += __builtin_popcount(options_policies(&each[i]));
		status = run_one(&reports[i], image, results[i]);
	}
	if (status == STATUS_OK &&
		!(options->json ? report_all_json(reports) : report_all_table(reports)))
		status = STATUS_ERROR;
	free(each);
	free(results);
	free(reports);
	return status;
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
		status = (options->all ? run_all : run_file)(options, path, &image);
		image_close(&image);
	}
	free(chosen);
	return status;
}
