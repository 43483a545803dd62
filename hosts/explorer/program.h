/* SPDX-License-Identifier: MIT */
/*
 * program.h: what a program is written with. A program is a question: what may happen when these
 * CPUs do this? Its first line is the answer that is expected.
 *
 * A space has four pages, 0 and 1 under one table, 2 and 3 under another; so has the kernel's
 * space, whose number is KERNEL. `set_up` runs alone; then each CPU runs its body, and idles in the
 * space that it has loaded, taking interrupts.
 */
#ifndef EXPLORER_PROGRAM_H
#define EXPLORER_PROGRAM_H

#include "explorer.h"

#include "../../src/internal.h"

#define PAGE(n) ((uintptr_t)(n) << SALVO_ARCH_PAGE_SHIFT)

/* ---- Set up alone ---- */

/* use_slots: each CPU has so many address-space numbers (1 unless it is called). Before run_on. */
void use_slots(unsigned slots);

/* clean_writes_pass: a store through a clean entry goes unnoticed (clean_write_traps is false). */
void clean_writes_pass(void);

/* offer_books: the gather's requests for memory may succeed; without this they never do. */
void offer_books(void);

/* refuse_pins: no space can be pinned by a batch. */
void refuse_pins(void);

/* run_on: the CPU runs on the space, in user mode. */
void run_on(unsigned cpu, unsigned space);

/* start_lazy, start_offline: the CPU begins so. */
void start_lazy(unsigned cpu);
void start_offline(unsigned cpu);

/* hold: the page is one that reclaim() and clean() are about. */
void hold(unsigned space, unsigned page);

/* ---- Set up, and bodies ---- */

/* new_space: an empty space; 0 and 1 are there to be used. After destroy, one over the same memory.
 */
void new_space(unsigned space);

/* map: the page to a new frame. map_file: to a page of a file, whose contents must not be lost. */
void map(unsigned space, unsigned page, unsigned pte_bits);
void map_file(unsigned space, unsigned page, unsigned pte_bits);

/* ---- Bodies: memory management ---- */

/* unmap: pages [from, to) by a gather; free their tables too. They are promised to be gone. */
void unmap(unsigned space, unsigned from, unsigned to, bool tables);

/* protect: pages [from, to) become read-only, which is promised. */
void protect(unsigned space, unsigned from, unsigned to);

/* reclaim: unmap the pages that are held, by one batch; write the dirty ones out; free those that
 * nobody else, an unmap that has not flushed yet, has a reference to. */
void reclaim(void);

/* clean: write-protect the pages that are held, by one batch, and write the dirty ones out. */
void clean(void);

/* destroy: the space, its pages, tables and root. Nobody may be running on it but lazily. */
void destroy(unsigned space);

/* write_fault: what a kernel does when a store faults on a present entry: writable, and dirty. */
void write_fault(unsigned space, unsigned page);

/* promise: pages [from, to) are gone (absent), or read-only, from now on: oracles 1 and 5.
 * free_page: give the frame back. For bodies that change entries by themselves; entry() finds them.
 */
void promise(unsigned space, unsigned from, unsigned to, bool absent);
void free_page(uintptr_t frame);
struct salvo_word *entry(unsigned space, unsigned page);

/* ---- Bodies: the CPU ---- */

/* user_store, user_load: user mode touches a page of the loaded space, through any entry that the
 * TLB may hold. False, or -1: it faulted, and did nothing. */
bool user_store(unsigned page, uintptr_t value);
intptr_t user_load(unsigned page);

void go_lazy(void);
void leave_lazy(void);
void load(unsigned space);
void load_kernel(void);
void go_offline(void);
void come_online(void);
void irqs_off(void);
void irqs_on(void);

/* lock: a lock of the host's that is waited for with interrupts off; serving requests meanwhile, or
 * not. unlock: interrupts are on again. */
void lock(bool serves);
void unlock(void);

/* wait_until: until the word, which other bodies store to, has the value. */
void wait_until(const struct salvo_word *word, uintptr_t value);

/* raise_interrupt, flush_own_tlb, choose: for protocols that are not salvo's, see PROGRAM_OF.
 * choose returns 0 to ways - 1, each in its turn. require: an assertion of the program (oracle 0).
 */
void raise_interrupt(unsigned cpu);
void flush_own_tlb(void);
unsigned choose(unsigned ways);
void require(bool condition, const char *what);

/* name_word: in set_up: what a word of the program's own is called in a schedule. */
void name_word(const struct salvo_word *word, const char *name);

#define PROGRAM(symbol, count, ...)                                                                \
	const struct program program_##symbol = {                                                  \
		.name = #symbol, .cpus = count, .set_up = set_up, .bodies = {__VA_ARGS__}}

/* PROGRAM_OF: a program of a protocol of its own: its words are struct salvo_word marked EXPLORED,
 * read and written by salvo_atomic_*; `handler` runs when an interrupt is taken. */
#define PROGRAM_OF(symbol, count, handler, ...)                                                    \
	const struct program program_##symbol = {.name = #symbol,                                  \
		.cpus = count,                                                                     \
		.set_up = set_up,                                                                  \
		.interrupt = handler,                                                              \
		.bodies = {__VA_ARGS__}}

#endif
