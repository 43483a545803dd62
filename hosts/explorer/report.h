/* SPDX-License-Identifier: MIT */
/* report.h: verdicts, as a table or as JSON. */
#ifndef EXPLORER_REPORT_H
#define EXPLORER_REPORT_H

#include <sys/types.h>

#include "options.h"

/* One program under one memory model. */
struct outcome {
	const struct listing *listing;
	bool tso;
	int preemptions; /* the bound that it was explored under */
	struct result result;
	struct search_progress progress; /* while it runs */
	pid_t pid;                       /* of the search; 0: it does not run */
	bool ended;
	int signal;  /* that ended the search before its time */
	int printed; /* the file of what it has printed */
};

/* What line 1 of a program asks for. */
int expected_preemptions(const struct listing *listing);

void verdict_text(char *text, size_t size, const struct outcome *outcome);
bool is_long(const struct listing *listing);
bool as_expected(const struct outcome *outcome);
void report_begin(
	const struct explore_options *options, const struct outcome *outcomes, size_t count);
void report_outcome(const struct outcome *outcome);
void report_json(const struct outcome *outcomes, size_t count);
void report_verdict(const struct outcome *outcomes, size_t count);
void report_list(void);
void progress_show(const struct outcome *outcomes, size_t count);
void progress_hide(void);

#endif
