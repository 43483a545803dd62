// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "message.h"
#include "report.h"

static void
print_row(const struct report *report, const struct result *result)
{
	const char *flushes = result_value(result, "remote_flush");
	double linux_interrupts = report_linux_figure(report->options);

	printf("%-16s %-15s %10" PRIu64 " %7s %10" PRIu64 " %8.1f %11.0f",
		report->options->workload->name, policies[result->policy].name, result->pages,
		flushes ? flushes : "-", result->interrupts, result->interrupts_per_1000,
		result->cycles_per_page);
	if (linux_interrupts > 0 && result->policy == POLICY_BATCH)
		printf(" %9.4g", linux_interrupts);
	putchar('\n');
}

/* print_policies: what those are that have a row. */
static void
print_policies(const struct report *reports)
{
	unsigned shown = 0;

	for (int i = 0; i < workload_count; i++)
		for (int j = 0; j < reports[i].count; j++)
			shown |= 1u << reports[i].results[j].policy;
	for (int policy = 0; policy < POLICIES; policy++)
		if ((shown & 1u << policy) != 0)
			printf("%-15s %s%s\n", policies[policy].name,
				policy > POLICY_BATCH ? "batch; " : "", policies[policy].means);
}

/* report_all_table: a row for each workload and policy. */
bool
report_all_table(const struct report *reports)
{
	const struct run_options *options = reports[0].options;

	printf("%u CPUs of QEMU's TCG, reclaim's readers: %s, %s\n", options->cpus,
		options->processes ? "processes" : "threads", reports[0].file);
	printf("%-16s %-15s %10s %7s %10s %8s %11s %9s\n", "workload", "policy", "operations",
		"flushes", "interrupts", "per 1000", "cycles each", "Linux 6.1");
	for (int i = 0; i < workload_count; i++)
		for (int j = 0; j < reports[i].count; j++)
			print_row(&reports[i], &reports[i].results[j]);
	print_policies(reports);
	printf("An operation is a page, flushes are those that interrupt; cycles are the "
	       "emulator's.\n"
	       "Linux's: %s; that of protect-shrink is of both calls of a round.\n",
		report_linux_source);
	return report_written(true);
}

static json_t *
json_of(const struct report *report)
{
	double linux_interrupts = report_linux_figure(report->options);
	json_t *list = json_array(), *object;

	for (int i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];

		json_array_append_new(list,
			json_pack("{s:s, s:I, s:I, s:f, s:f, s:o, s:o}", "name",
				policies[result->policy].name, "operations",
				(json_int_t)result->pages, "interrupts",
				(json_int_t)result->interrupts, "interrupts_per_1000",
				result->interrupts_per_1000, "cycles_per_operation",
				result->cycles_per_page, "skipped", report_counts(result, true),
				"counters", report_counts(result, false)));
	}
	object = json_pack("{s:s, s:s, s:i, s:o}", "name", report->options->workload->name,
		"operation", report->options->workload->pages_are, "memory_mib",
		(int)report->memory_mib, "policies", list);
	if (object && linux_interrupts > 0)
		json_object_set_new(
			object, "linux_interrupts_per_1000", report_number(linux_interrupts));
	return object;
}

/* report_all_json: the same as one object. */
bool
report_all_json(const struct report *reports)
{
	const struct run_options *options = reports[0].options;
	json_t *list = json_array(), *object;
	bool printed;

	for (int i = 0; i < workload_count; i++)
		json_array_append_new(list, json_of(&reports[i]));
	object = json_pack("{s:s, s:s, s:i, s:s, s:s, s:o}", "workload", "all", "readers",
		options->processes ? "processes" : "threads", "cpus", (int)options->cpus, "file",
		reports[0].file, "file_checksum", reports[0].file_checksum, "workloads", list);
	printed = object && json_dumpf(object, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
	json_decref(object);
	return report_written(printed);
}
