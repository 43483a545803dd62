/* SPDX-License-Identifier: MIT */
/* simulate.h: one run: what is simulated, and what came out. */
#ifndef SIMULATOR_SIMULATE_H
#define SIMULATOR_SIMULATE_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"
#include "histogram.h"
#include "lines.h"
#include "lock.h"

struct policy;
struct workload;

struct run {
	const char *machine_path;
	const struct workload *workload;
	const struct policy *policy;
	unsigned busy;       /* CPUs that have work; 0: all */
	unsigned spaces;     /* 0: the workload's own number */
	unsigned initiators; /* threads of a storm that do something; 0: all */
	unsigned pages;      /* of an operation */
	unsigned batch;      /* pages that reclaim takes off a list at once */
	unsigned per_cpu;    /* frames of memory for each busy CPU */
	bool spread;         /* busy CPUs are far from each other */
	bool dirty;          /* readers write */
	bool empty;          /* memory is, when readers begin; else as if they had read for long */
	bool progress;       /* say how far it is, to who looks at a terminal */
	unsigned lru;        /* times that an unmap takes the lock of its node's LRU list */
	double seconds;      /* that are counted */
	double warm_up;      /* before */
	uint64_t seed;
	const char *timeline; /* a file to write, or NULL */
};

/* What came out, of the counted time alone. */
struct result {
	unsigned cpus, busy;
	uint64_t events;
	double host_seconds; /* of a core that it took */
	double seconds;      /* simulated */
	uint64_t interrupts, pages, operations, refills, frames_freed;
	uint64_t spent[WHERES], stolen;
	uint64_t kernel; /* of what was spent, by kswapd */
	uint64_t lock_waits[LOCK_KINDS];
	uint64_t lines_moved[LINES_KINDS], lines_waits[LINES_KINDS];
	struct histogram waits;
};

/* simulate: on `machine`, which has been read. The same run gives the same result. */
void simulate(const struct run *run, struct result *result);

/* simulate_reset: `machine` as it is before a run, with so many frames a node and this policy. */
void simulate_reset(const struct policy *chosen, uint64_t per_node);

/* simulate_cpu: the n-th busy CPU. */
unsigned simulate_cpu(const struct run *run, unsigned n);

#endif
