/* SPDX-License-Identifier: MIT */
/* progress.h: one line on standard error that says how far a run is. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct progress {
	const char *label;
	bool terminal; /* the line is rewritten in place; else a line now and then */
	bool shown;    /* the terminal's line holds something */
	time_t last_s; /* when a line was last printed */
};

/* progress_begin says the label at once, progress_quiet only with the first step that is shown. */
void progress_begin(struct progress *progress, const char *label);
void progress_quiet(struct progress *progress, const char *label);
void progress_show(struct progress *progress, uint64_t done, uint64_t total, const char *what);
void progress_clear(struct progress *progress);

#endif
