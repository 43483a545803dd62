/* SPDX-License-Identifier: MIT */
/* result.h: what one boot of the kernel reported (its serial protocol: README.md). */
#ifndef TOOL_RESULT_H
#define TOOL_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "progress.h"

enum {
	STATISTICS = 48,
	WORD_BYTES = 40,
	PANIC_BYTES = 256,
};

struct statistic {
	char key[WORD_BYTES];
	char value[WORD_BYTES];
};

struct result {
	enum policy policy;
	struct statistic statistics[STATISTICS]; /* in the kernel's order */
	int count;
	char panic[PANIC_BYTES]; /* what the kernel panicked of, or empty */
	/* From the statistics, by result_complete(). */
	uint64_t pages;
	uint64_t interrupts;
	double interrupts_per_1000;
	double cycles_per_page;
	const char *checksum; /* 16 digits, or NULL where the workload reads no file */
};

/* The listener's context: one boot. */
struct hearing {
	struct result *result;
	struct progress progress;
};

bool result_listen(void *hearing, char *line);
const char *result_value(const struct result *result, const char *key);
bool result_complete(struct result *result, const struct workload *workload);
const char *result_skipped(const struct statistic *statistic);
bool result_named(const struct statistic *statistic);

#endif
