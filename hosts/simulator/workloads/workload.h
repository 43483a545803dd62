/* SPDX-License-Identifier: MIT */
/* workload.h: what busy CPUs do. */
#ifndef SIMULATOR_WORKLOAD_H
#define SIMULATOR_WORKLOAD_H

#include "../simulate.h"

/* Options that only some workloads take. */
enum {
	TAKES_SPACES = 1 << 0,
	TAKES_PAGES = 1 << 1,
	TAKES_INITIATORS = 1 << 2,
	TAKES_LRU = 1 << 3,
	TAKES_DIRTY = 1 << 4,
	TAKES_EMPTY = 1 << 5,
	TAKES_BATCH = 1 << 6,
};

struct workload {
	const char *name;
	const char *about;
	/* Makes spaces and tasks, before the run begins. */
	void (*set_up)(const struct run *run);
	unsigned takes;      /* TAKES_ */
	unsigned pages;      /* of an operation, if not told otherwise */
	unsigned pages_most; /* that can be told */
};

extern const struct workload *const workloads[];

/* workload_find: NULL: there is none of that name. */
const struct workload *workload_find(const char *name);

#endif
