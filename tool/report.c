// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "message.h"
#include "report.h"

enum { LABEL_WIDTH = 34, VALUE_WIDTH = 18 };

/* Linux 6.1 on the same emulator doing the same work: TLB interrupts per 1000 pages. */
const char report_linux_source[] = "docs/peers/linux/README.md";
enum { LINUX_PROCESSES = 37, LINUX_CPUS = 4 };

static const struct {
	const char *reason; /* of the statistic skipped_REASON */
	const char *means;
} skip_reasons[] = {
	{"lazy", "CPUs skipped: lazy"},
	{"current", "CPUs skipped: up to date"},
};

/*
 * report_linux_figure: Linux's count for what was run, 0 if it was not measured. Its files were
 * 2.25 times its memory, as the file is here unless another memory is asked for.
 */
double
report_linux_figure(const struct run_options *options)
{
	if (options->dirty || options->cpus != LINUX_CPUS || options->memory_mib)
		return 0;
	if (options->workload->linux_figure > 0 && options->workload->reads_file &&
		options->processes)
		return LINUX_PROCESSES;
	return options->workload->linux_figure;
}

/* ratio: how many times fewer interrupts a page `batch` takes; 0 where that has no meaning. */
static double
ratio(const struct report *report)
{
	const struct result *page = &report->results[0], *batch = &report->results[1];

	if (report->count < 2 || page->policy != POLICY_PAGE || batch->policy != POLICY_BATCH ||
		batch->interrupts == 0)
		return 0;
	return page->interrupts_per_1000 / batch->interrupts_per_1000;
}

static void
print_label(const char *label)
{
	printf("%-*s", LABEL_WIDTH, label);
}

static void
print_word(const char *word)
{
	printf("%*s", VALUE_WIDTH, word);
}

static void
print_number(uint64_t number)
{
	printf("%*" PRIu64, VALUE_WIDTH, number);
}

static void
print_real(double number, int digits)
{
	printf("%*.*f", VALUE_WIDTH, digits, number);
}

static void
print_heading(const struct report *report)
{
	const struct run_options *options = report->options;

	printf("%s%s, %u CPUs of QEMU's TCG, %u MiB, ", options->workload->name,
		options->dirty ? " (dirty)" : "", options->cpus, report->memory_mib);
	if (options->workload->reads_file)
		printf("readers: %s, %s\n", options->processes ? "processes" : "threads",
			report->file);
	else
		printf("%s\n", options->processes ? "processes" : "threads");
	print_label("policy");
	for (int i = 0; i < report->count; i++)
		print_word(policies[report->results[i].policy].name);
	putchar('\n');
}

/* print_skips: one line a reason, in the kernel's order; both boots report the same reasons. */
static void
print_skips(const struct report *report)
{
	const struct result *first = &report->results[0];

	for (int i = 0; i < first->count; i++) {
		const char *reason = result_skipped(&first->statistics[i]);
		const char *label = first->statistics[i].key;

		if (!reason)
			continue;
		for (size_t j = 0; j < sizeof skip_reasons / sizeof skip_reasons[0]; j++)
			if (strcmp(reason, skip_reasons[j].reason) == 0)
				label = skip_reasons[j].means;
		print_label(label);
		for (int j = 0; j < report->count; j++)
			print_word(i < report->results[j].count
					   ? report->results[j].statistics[i].value
					   : "-");
		putchar('\n');
	}
}

static void
print_figures(const struct report *report)
{
	const struct result *results = report->results;

	printf("pages %-*s", LABEL_WIDTH - (int)strlen("pages "),
		report->options->workload->pages_are);
	for (int i = 0; i < report->count; i++)
		print_number(results[i].pages);
	putchar('\n');
	print_label("interrupts received");
	for (int i = 0; i < report->count; i++)
		print_number(results[i].interrupts);
	putchar('\n');
	print_label("interrupts per 1000 pages");
	for (int i = 0; i < report->count; i++)
		print_real(results[i].interrupts_per_1000, 1);
	putchar('\n');
	print_label("cycles per page (emulator's)");
	for (int i = 0; i < report->count; i++)
		print_real(results[i].cycles_per_page, 0);
	putchar('\n');
	print_skips(report);
}

/* report_written: all that was printed has left; else a line on standard error. */
bool
report_written(bool printed)
{
	if (printed && fflush(stdout) == 0 && !ferror(stdout))
		return true;
	error("cannot write the result");
	return false;
}

/* report_table: the result on standard output; false, with a line on standard error, if not. */
bool
report_table(const struct report *report)
{
	double linux_interrupts = report_linux_figure(report->options);

	print_heading(report);
	print_figures(report);
	if (report->options->workload->reads_file) {
		print_label("checksum of what was read");
		for (int i = 0; i < report->count; i++)
			print_word(report->results[i].checksum);
		putchar('\n');
		print_label("checksum of the file, by the host");
		printf("%*s\n", VALUE_WIDTH, report->file_checksum);
	}
	if (ratio(report) > 0) {
		print_label("ratio page/batch of interrupts");
		print_real(ratio(report), 1);
		putchar('\n');
	}
	if (linux_interrupts > 0) {
		print_label("Linux 6.1, per 1000 pages");
		printf("%*.4g", VALUE_WIDTH, linux_interrupts);
		printf("  (%s)\n", report_linux_source);
		if (report->options->workload->reads_file)
			puts("(Linux's readers touched one byte of each page, these read all of "
			     "it)");
	}
	return report_written(true);
}

/*
 * report_counts: the statistics that have no name of their own in the object, as numbers; either
 * those of skipped CPUs, by reason, or the others.
 */
json_t *
report_counts(const struct result *result, bool skips)
{
	json_t *counts = json_object();

	for (int i = 0; i < result->count; i++) {
		const struct statistic *statistic = &result->statistics[i];
		const char *reason = result_skipped(statistic);
		char *end;
		json_int_t number = strtoll(statistic->value, &end, 10);

		if (*end == '\0' && skips == (reason != NULL) && !result_named(statistic))
			json_object_set_new(
				counts, skips ? reason : statistic->key, json_integer(number));
	}
	return counts;
}

/* report_number: without a fraction where it has none. */
json_t *
report_number(double number)
{
	json_int_t whole = (json_int_t)number;

	return (double)whole == number ? json_integer(whole) : json_real(number);
}

static json_t *
json_result(const struct result *result)
{
	return json_pack("{s:s, s:I, s:I, s:f, s:f, s:s?, s:o, s:o}", "name",
		policies[result->policy].name, "pages", (json_int_t)result->pages, "interrupts",
		(json_int_t)result->interrupts, "interrupts_per_1000_pages",
		result->interrupts_per_1000, "cycles_per_page", result->cycles_per_page, "checksum",
		result->checksum, "skipped", report_counts(result, true), "counters",
		report_counts(result, false));
}

/* report_json: the same as one object. */
bool
report_json(const struct report *report)
{
	const struct run_options *options = report->options;
	double linux_interrupts = report_linux_figure(options);
	json_t *list = json_array();
	json_t *object;
	bool printed;

	for (int i = 0; i < report->count; i++)
		json_array_append_new(list, json_result(&report->results[i]));
	object = json_pack("{s:s, s:s, s:b, s:i, s:i, s:s, s:s, s:o}", "workload",
		options->workload->name, "readers", options->processes ? "processes" : "threads",
		"dirty", options->dirty, "cpus", (int)options->cpus, "memory_mib",
		(int)report->memory_mib, "file", report->file, "file_checksum",
		report->file_checksum, "policies", list);
	if (object && ratio(report) > 0)
		json_object_set_new(object, "ratio", json_real(ratio(report)));
	if (object && linux_interrupts > 0)
		json_object_set_new(object, "linux",
			json_pack("{s:s, s:o, s:s}", "version", "6.1", "interrupts_per_1000_pages",
				report_number(linux_interrupts), "source", report_linux_source));
	printed = object && json_dumpf(object, stdout, JSON_INDENT(2)) == 0 && putchar('\n') != EOF;
	json_decref(object);
	return report_written(printed);
}
