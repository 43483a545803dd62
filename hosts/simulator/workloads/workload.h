/* SPDX-License-Identifier: MIT */
/* workload.h: what busy CPUs do. */
#ifndef SIMULATOR_WORKLOAD_H
#define SIMULATOR_WORKLOAD_H

#include "../simulate.h"

struct workload {
	const char *name;
	const char *about;
	/* Makes spaces and tasks, before the run begins. */
	void (*set_up)(const struct run *run);
	unsigned pages; /* of an operation, if not told otherwise */
};

extern const struct workload *const workloads[];

/* workload_find: NULL: there is none of that name. */
const struct workload *workload_find(const char *name);

#endif
