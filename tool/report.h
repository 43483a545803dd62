/* SPDX-License-Identifier: MIT */
/* report.h: the results of a run, for a reader and for a program. */
#ifndef TOOL_REPORT_H
#define TOOL_REPORT_H

#include <stdbool.h>

#include "image.h"
#include "options.h"
#include "result.h"

struct report {
	const struct run_options *options;
	const char *file;
	unsigned memory_mib;
	char file_checksum[17];
	const struct result *results; /* one a policy that was run, `page` first */
	int count;
};

bool report_table(const struct report *report);
bool report_json(const struct report *report);

#endif
