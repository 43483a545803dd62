/* SPDX-License-Identifier: MIT */
/* options.h: what `salvo run` was asked for. */
#ifndef TOOL_OPTIONS_H
#define TOOL_OPTIONS_H

#include <stdbool.h>

#include "workloads.h"

enum {
	CPUS_MAXIMUM = 64,         /* KERNEL_MAX_CPUS: hosts/kernel/kernel.h */
	MEMORY_MINIMUM_MIB = 12,   /* what the kernel needs to boot and to reclaim at all */
	MEMORY_DEFAULT_MIB = 64,   /* where no file says how much would be too much */
	MEMORY_MAXIMUM_MIB = 3072, /* the machine has more RAM than that above 4 GiB only */
};

struct run_options {
	const char *file; /* NULL: one that the compiler brought */
	const struct workload *workload;
	const char *without; /* a step to leave out, or NULL */
	unsigned cpus;
	unsigned memory_mib; /* 0: by the length of the file */
	unsigned silence_s;  /* without a sign of life, before it is given up */
	unsigned policies;   /* a bit for each; 0: those that a workload is run under */
	bool processes;
	bool dirty;
	bool all; /* every workload; `workload` is then the first */
	bool checks;
	bool list_steps;
	bool json;
};

enum options_end {
	OPTIONS_RUN,
	OPTIONS_HELP, /* help was asked for and has been printed */
	OPTIONS_WRONG,
};

unsigned options_policies(const struct run_options *options);
enum options_end options_parse(struct run_options *options, int count, char *arguments[]);

#endif
