/* SPDX-License-Identifier: MIT */
/* run.h: what `salvo run` does; each function returns the exit status. */
#ifndef TOOL_RUN_H
#define TOOL_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/* One run of the self-checks. */
struct checks {
	const char *kernel; /* path of the ELF file */
	const char *log;    /* path; the kernel's output goes there too */
	const char *prefix; /* before each line that is relayed */
	const char *wanted; /* stop when this check has failed; empty: go to the end */
	bool alone;         /* run no other check than that */
	bool wanted_failed; /* it has */
};

int run_workload(const struct run_options *options);
int run_checks(const struct run_options *options);
int run_checks_without(const struct run_options *options);
int run_checks_on(const struct run_options *options, struct checks *checks);
int run_mutants(const struct run_options *options);
bool kernel_without(const char *step, char *path, size_t size);

#endif
