/* SPDX-License-Identifier: MIT */
/* workloads.h: what the kernel can be asked to do, and under which policies. */
#ifndef TOOL_WORKLOADS_H
#define TOOL_WORKLOADS_H

#include <stdbool.h>

enum policy {
	POLICY_PAGE,
	POLICY_BATCH,
	POLICY_NO_LAZY_SKIP,
	POLICY_NO_CURRENT_SKIP,
	POLICY_NO_DONE_SKIP,
	POLICY_NO_EARLY_ANSWER,
	POLICY_NO_MARKS,
	POLICY_FLUSH_PER_GROUP,
	POLICY_FLUSH_BY_PAGE,
	POLICY_TWO_PHASE,
	POLICY_DEFERRED,
	POLICY_LATER,
	POLICY_NO_WALKER_CHOICE,
	POLICIES,
};

/* All but the first are `batch` with one thing changed. */
struct policy_kind {
	const char *name;
	const char *means;
	const char *kernel;  /* what the kernel is told */
	const char *without; /* a step of the library that the kernel is built without; or NULL */
};

struct workload {
	const char *name;
	const char *pages_are; /* what happens to a page that is counted */
	bool reads_file;       /* reports a checksum of the file; `dirty` may be asked for */
	double linux_figure;   /* Linux 6.1's interrupts per 1000; 0: not measured */
	const char *kernel;    /* what the kernel is told, if not its name; or NULL */
	unsigned policies;     /* a bit for each that can make a difference */
};

extern const struct policy_kind policies[POLICIES];
extern const struct workload workloads[];
extern const int workload_count;

#endif
