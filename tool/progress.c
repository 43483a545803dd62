// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "progress.h"

enum { SPARSE_S = 10 }; /* between two lines where they cannot be rewritten */

static time_t
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* progress_quiet: `label` must live as long as the progress does. */
void
progress_quiet(struct progress *progress, const char *label)
{
	*progress = (struct progress){
		.label = label,
		.terminal = isatty(STDERR_FILENO) == 1,
		.last_s = now_s(),
	};
}

void
progress_begin(struct progress *progress, const char *label)
{
	progress_quiet(progress, label);
	fprintf(stderr, "salvo: %s%s", label, progress->terminal ? "" : "\n");
	progress->shown = progress->terminal;
}

void
progress_show(struct progress *progress, uint64_t done, uint64_t total, const char *what)
{
	uint64_t percent = total ? (uint64_t)(100.0 * (double)done / (double)total) : 0;

	if (!progress->terminal && now_s() - progress->last_s < SPARSE_S)
		return;
	progress->last_s = now_s();
	fprintf(stderr, "%ssalvo: %s: %" PRIu64 " of %" PRIu64 " %s, %" PRIu64 " %%%s",
		progress->terminal ? "\r" : "", progress->label, done, total, what, percent,
		progress->terminal ? "\033[K" : "\n");
	progress->shown = progress->terminal;
}

/* progress_clear: empties the terminal's line, so that another message can stand there. */
void
progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
