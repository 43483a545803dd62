/* SPDX-License-Identifier: MIT */
/* report.h: the results of a run, for a reader and for a program. */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "image.h"
#include "options.h"
#include "result.h"

struct report {
	const struct run_options *options;
	const char *file;
	unsigned memory_mib;
	char file_checksum[17];
	const struct result *results; /* one a policy that was run, in their order */
	int count;
	int boots_before, boots; /* of a run of all workloads; boots is 0 if this is the only one */
};

bool report_table(const struct report *report);
bool report_json(const struct report *report);
bool report_written(bool printed);
json_t *report_number(double number);
json_t *report_counts(const struct result *result, bool skips);
double report_linux_figure(const struct run_options *options);

/* report_all.c: of all workloads, in the order of `workloads`; all ran under the same policies. */
bool report_all_table(const struct report *reports);
bool report_all_json(const struct report *reports);

extern const char report_linux_source[];

#endif
