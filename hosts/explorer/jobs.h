/* SPDX-License-Identifier: MIT */
/*
 * jobs.h: searches side by side, each in a process of its own, which may come to grief alone.
 */
#ifndef EXPLORER_JOBS_H
#define EXPLORER_JOBS_H

#include "report.h"

/* jobs_outcomes: room for that many, which all processes share. They end with this one. */
struct outcome *jobs_outcomes(size_t count);

/*
 * jobs_run: `work` on each outcome, `at_once` of them at a time; what it prints is kept, and
 * printed after `done`, which is called here, in their order. False, with a line on standard error:
 * the machine has no room.
 */
bool jobs_run(struct outcome *outcomes, size_t count, unsigned at_once,
	void (*work)(struct outcome *outcome), void (*done)(const struct outcome *outcome));

#endif
