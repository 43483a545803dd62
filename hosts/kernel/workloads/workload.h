/* SPDX-License-Identifier: MIT */
/* workload.h: what the workloads share. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "../mm/mm.h"
#include "../user/abi.h"

/* Counters of all CPUs at a moment. */
struct counts {
	uint64_t received, sent, joined, skipped_lazy, skipped_current, flush_all, flush_one,
		remote;
};

struct counts counts_now(void);

/* print_stats: what was counted since `before`, and what it was counted for. */
void print_stats(const struct counts *before, uint64_t pages, uint64_t cycles);

/*
 * User threads that keep a process's space in use on every CPU, while the workload changes its
 * tables. They touch `pages` pages of their own each, again and again.
 */
struct crowd {
	struct process *process;
	struct thread *threads[KERNEL_MAX_CPUS];
	unsigned count;
};

void crowd_start(struct crowd *crowd, size_t pages); /* returns when all of them run */
bool crowd_stop(struct crowd *crowd); /* false: one of them faulted. Destroys the process */

/*
 * run_rounds: `round` so often, with progress lines and the crowd's processors busy; then the
 * statistics. `round` returns the pages it changed, or 0 if it failed.
 */
bool run_rounds(const char *what, unsigned rounds, size_t (*round)(struct mm *mm));

#endif
