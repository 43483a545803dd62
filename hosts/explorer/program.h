/* SPDX-License-Identifier: MIT */
/*
 * program.h: what a program is written with. A program is a question: what may happen when these
 * CPUs do this? Its first line is the answer that is expected.
 *
 * A space has four pages, 0 and 1 under one table, 2 and 3 under another. `set_up` runs alone; then
 * each CPU runs its body, and idles in the space that it has loaded, taking interrupts.
 */
#ifndef EXPLORER_PROGRAM_H
#define EXPLORER_PROGRAM_H

#include "explorer.h"

#include "../../src/internal.h"

#define PAGE(n) ((uintptr_t)(n) << SALVO_ARCH_PAGE_SHIFT)

/* ---- Set up ---- */

/* new_space: an empty space; 0 is the first. map: page `page` of it to a new frame. */
void new_space(unsigned space);
void map(unsigned space, unsigned page, unsigned pte_bits);

/* run_on: the CPU runs on the space, in user mode. */
void run_on(unsigned cpu, unsigned space);

/* ---- Bodies ---- */

/* unmap: pages [from, to) by a gather; free their tables too. They are promised to be gone. */
void unmap(unsigned space, unsigned from, unsigned to, bool tables);

/* protect: pages [from, to) become read-only, which is promised. */
void protect(unsigned space, unsigned from, unsigned to);

/* hold: in set_up, the page is one that reclaim has picked. reclaim: unmap all those, by one batch,
 * and free them. */
void hold(unsigned space, unsigned page);
void reclaim(void);

void go_lazy(void);
void leave_lazy(void);
void load(unsigned space);
void load_kernel(void);
void irqs_off(void);
void irqs_on(void);

#define PROGRAM(symbol, count, ...)                                                                \
	const struct program program_##symbol = {                                                  \
		.name = #symbol, .cpus = count, .set_up = set_up, .bodies = {__VA_ARGS__}}

#endif
