// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "message.h"
#include "report.h"

static void
print_row(const struct report *report, const struct result *result)
{
	int linux_interrupts = report_linux_figure(report->options);

	printf("%-15s %-7s %10" PRIu64 " %11" PRIu64 " %10.1f %12.0f",
		report->options->workload->name, policy_names[result->policy], result->pages,
		result->interrupts, result->interrupts_per_1000, result->cycles_per_page);
	if (linux_interrupts)
		printf(" %10d", linux_interrupts);
	putchar('\n');
}

/* report_all_table: a row for each workload and policy. */
bool
report_all_table(const struct report *reports)
{
	const struct run_options *options = reports[0].options;

	printf("%u CPUs of QEMU's TCG, reclaim's readers: %s, %s\n", options->cpus,
		options->processes ? "processes" : "threads", reports[0].file);
	printf("%-15s %-7s %10s %11s %10s %12s %10s\n", "workload", "policy", "operations",
		"interrupts", "per 1000", "cycles each", "Linux 6.1");
	for (int i = 0; i < workload_count; i++)
		for (int j = 0; j < reports[i].count; j++)
			print_row(&reports[i], &reports[i].results[j]);
	printf("An operation is a page; cycles are the emulator's; Linux's: %s\n",
		report_linux_source);
	return report_written(true);
}

static json_t *
json_of(const struct report *report)
{
	int linux_interrupts = report_linux_figure(report->options);
	json_t *policies = json_array(), *object;

	for (int i = 0; i < report->count; i++) {
		const struct result *result = &report->results[i];

		json_array_append_new(policies,
			json_pack("{s:s, s:I, s:I, s:f, s:f, s:o, s:o}", "name",
				policy_names[result->policy], "operations",
				(json_int_t)result->pages, "interrupts",
				(json_int_t)result->interrupts, "interrupts_per_1000",
				result->interrupts_per_1000, "cycles_per_operation",
				result->cycles_per_page, "skipped", report_counts(result, true),
				"counters", report_counts(result, false)));
	}
	object = json_pack("{s:s, s:s, s:i, s:o}", "name", report->options->workload->name,
		"operation", report->options->workload->pages_are, "memory_mib",
		(int)report->memory_mib, "policies", policies);
	if (object && linux_interrupts)
		json_object_set_new(
			object, "linux_interrupts_per_1000", json_integer(linux_interrupts));
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
