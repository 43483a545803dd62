/* SPDX-License-Identifier: MIT */
/* report.h: verdicts, as a table or as JSON. */
#ifndef EXPLORER_REPORT_H
#define EXPLORER_REPORT_H

#include "options.h"

/* One program under one memory model. */
struct outcome {
	const struct listing *listing;
	bool tso;
	int preemptions; /* the bound that it was explored under */
	struct result result;
};

/* What line 1 of a program asks for. */
int expected_preemptions(const struct listing *listing);

void verdict_text(char *text, size_t size, const struct outcome *outcome);
bool is_long(const struct listing *listing);
bool as_expected(const struct outcome *outcome);
void report_begin(const struct explore_options *options);
void report_outcome(const struct outcome *outcome);
void report_json(const struct outcome *outcomes, size_t count);
void report_verdict(const struct outcome *outcomes, size_t count);
void report_list(void);
void progress_begin(const struct outcome *outcome);
void progress_end(void);

#endif
