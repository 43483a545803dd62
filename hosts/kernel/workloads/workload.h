/* SPDX-License-Identifier: MIT */
/* workload.h: what the workloads share. */
#ifndef WORKLOAD_H
#define WORKLOAD_H

#include "../mm/mm.h"
#include "../user/abi.h"

/* Counters of all CPUs at a moment. */
struct counts {
	uint64_t received, sent, joined, skipped_lazy, skipped_current, flush_all, flush_one,
		remote, done, early;
};

struct counts counts_now(void);

/* print_stats: what was counted since `before`, and for how many pages. */
void print_stats(const struct counts *before, uint64_t pages, uint64_t cycles);

/* What some calls have cost: flushes are those that interrupted somebody. */
struct cost {
	uint64_t calls, pages, flushes, interrupts, cycles;
};

/* print_stats_of: the same, where these are all that count of pages, interrupts, flushes. */
void print_stats_of(const struct counts *before, const struct cost *cost);

/*
 * User threads that keep a process's space in use, while the workload changes its tables: each
 * touches its pages again and again, or stores to them.
 */
struct crowd {
	struct process *process;
	struct thread *threads[KERNEL_MAX_CPUS];
	unsigned count;
};

/*
 * crowd_create: a process without threads; crowd_add: a thread on that CPU.
 * crowd_own_memory: threads on all CPUs from the first on, each with memory of its own, that run.
 *    It is there before they are: one that waits for it would leave its CPU lazy, with nobody to
 *    interrupt.
 * crowd_wait: until each thread has touched all of its pages so often; on the average.
 * crowd_leave: end the threads; crowd_end: the process too. False: one of them faulted.
 */
void crowd_create(struct crowd *crowd);
void crowd_add(struct crowd *crowd, unsigned cpu, uintptr_t address, size_t pages, bool store);
void crowd_own_memory(struct crowd *crowd, unsigned first, size_t pages);
void crowd_wait(const struct crowd *crowd, unsigned rounds);
bool crowd_leave(struct crowd *crowd);
bool crowd_end(struct crowd *crowd);

/* What a workload does again and again; fewer times one page at a time, which takes long. */
struct rounds {
	const char *what; /* for the progress */
	unsigned count, count_page;
	size_t (*run)(struct mm *mm, uint64_t *cycles); /* returns the pages it changed, 0: failed;
							   adds cycles that mm does not count */
};

/* measure_begin, measure_end: around what a round is for; interrupts count in between alone. */
void measure_begin(void);
void measure_end(void);

/*
 * run_rounds: with progress lines, while threads of the same process are busy on all CPUs; then the
 *    statistics. run_rounds_in: beside a crowd of the caller's.
 */
bool run_rounds(const struct rounds *rounds);
bool run_rounds_in(struct crowd *crowd, const struct rounds *rounds);

#endif
