/* SPDX-License-Identifier: MIT */
/*
 * bench.h: what is measured, and on what. One thread plays CPU 0; CPU 1 runs in the same space and
 * takes its interrupts inside salvo_port_interrupt, on that thread.
 */
#ifndef BENCH_H
#define BENCH_H

#include <salvo/salvo.h>
#include <salvo/arch.h>

#define BENCH_PAGE   ((uintptr_t)1 << SALVO_ARCH_PAGE_SHIFT)
#define BENCH_TABLE  ((uintptr_t)1 << (SALVO_ARCH_PAGE_SHIFT + SALVO_ARCH_INDEX_BITS))
#define BENCH_SPACES 33
#define BENCH_MOST   131072 /* pages of a round at most */

/* What a round works on. */
struct bench_work {
	size_t pages;
	unsigned spaces; /* a batch's, one after the other */
	const uintptr_t *frames;
};

/* One row: a round, and how often it does what is counted. */
struct bench_case {
	const char *name;
	void (*round)(const struct bench_work *work);
	size_t units; /* 0: the pages */
	size_t pages[6];
	unsigned spaces;
	unsigned slots; /* 0: 1 */
	bool scattered; /* hardly a frame follows the one before */
};

extern const struct bench_case bench_cases[];
extern const unsigned bench_case_count;

/* port.c */
extern struct salvo_space bench_spaces[BENCH_SPACES];
extern unsigned long bench_pages_freed;
extern unsigned long bench_chunks_lent;
extern unsigned long bench_writes; /* to words that CPUs share; 0 unless they are counted */

/* bench_set_up: a new machine, with CPUs 0 and 1 in the first space. */
void bench_set_up(unsigned slots);

#endif
