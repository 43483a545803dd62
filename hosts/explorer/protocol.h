/* SPDX-License-Identifier: MIT */
/*
 * protocol.h: explore a protocol that is not salvo's.
 *
 * A program of this kind brings its own protocol: words that its CPUs share, a handler that runs
 * when an interrupt is taken, and a body for each CPU that changes page tables and has others
 * flush. The machine is the one that salvo's programs run on, and the oracles are the same: nobody
 * uses what was freed or promised to be gone, writes through what is read-only, walks a freed
 * table; and the end can be reached from everywhere.
 *
 * What a program is made of, in this order; programs/mailbox_and_countdown.c is a whole one:
 *
 *   words[]        memory that CPUs share: read and written by salvo_atomic_*, each access a step.
 *                  An enum gives them names for the source, name_word() for schedules. They are 0
 *                  when set_up begins. A CPU's local variables are its own.
 *   set_up()       makes spaces, maps pages, says which CPU runs on what. Not explored.
 *   handler()      runs when the CPU takes an interrupt, with interrupts off. It may come between
 *                  any two steps while they are on; one that is raised while another waits to be
 *                  taken merges with it.
 *   bodies         what each CPU does; NULL: nothing but taking interrupts.
 *   PROGRAM_OF(name, cpus, handler, body0, body1, ...)
 *
 * How a protocol touches the machine:
 *
 *   entries        entry(space, page) is the word of a page-table entry, table_of(space, page) that
 *                  of the one above it, which maps pages 0 and 1, or 2 and 3. Change it as your
 *                  kernel does: salvo_atomic_exchange(entry(0, 1), 0) clears it in one step and
 *                  returns what was there, with whatever Dirty bit hardware had set; a store would
 *                  not.
 *   TLBs           flush_own_tlb() empties this CPU's, flush_own_page() takes one page out;
 *                  broadcast_flush() is an instruction that reaches all CPUs at once. Until it is
 *                  flushed a TLB holds all that a walk could have found.
 *   interrupts     raise_interrupt(cpu). It orders the stores before it.
 *   waiting        wait_until(), or a loop of your own that calls salvo_port_relax() in each turn
 *                  and does nothing else than look. irqs_off() and irqs_on() are as ever.
 *   user mode      a CPU is in user mode while user_access(true) is its last word: then the oracles
 *                  ask of each page in its TLB whether it may be used. A handler that answers
 *                  before it flushes turns it off first, for an NMI may come.
 *
 * And what it says to the oracles:
 *
 *   free_page(f)   the frame has no owner from here on. promise(): these pages are gone, or are
 *                  read-only. require(): an assertion of your own. limit_interrupts(n): more than n
 *                  interrupts are a failure (oracle 7).
 *
 * Keep it small: two CPUs and one page each find most of what there is to find.
 */
#ifndef EXPLORER_PROTOCOL_H
#define EXPLORER_PROTOCOL_H

#include "explorer.h"

/* ---- Set up alone ---- */

/* run_on: the CPU runs on the space, in user mode. */
void run_on(unsigned cpu, unsigned space);

/* name_word: what a word is called in a schedule. */
void name_word(const struct salvo_word *word, const char *name);

/* limit_interrupts: that more than so many are raised breaks oracle 7. */
void limit_interrupts(unsigned most);

/* clean_writes_pass: a store through a clean entry goes unnoticed (clean_write_traps is false). */
void clean_writes_pass(void);

/* faults_repeat: a CPU may keep what it faulted for, that nothing is there too, and fault again
 * until it is flushed (salvo_arch_fault_forgets is false). */
void faults_repeat(void);

/* need_break_before_make: that a TLB may hold two frames for one page breaks oracle 1. */
void need_break_before_make(void);

/* ---- Set up, and bodies ---- */

/* Memory that CPUs share. */
enum { WORDS_SHARED = 12 };
extern struct salvo_word words[WORDS_SHARED];

/* new_space: an empty space; those below KERNEL are there to be used. After destroy, one over the
 * same memory. */
void new_space(unsigned space);

/* map: the page to a new frame. map_file: to a page of a file, whose contents must not be lost. */
void map(unsigned space, unsigned page, unsigned pte_bits);
void map_file(unsigned space, unsigned page, unsigned pte_bits);

/* ---- Bodies ---- */

/* entry: that maps the page. table_of: that its table hangs from. */
struct salvo_word *entry(unsigned space, unsigned page);
struct salvo_word *table_of(unsigned space, unsigned page);

void flush_own_tlb(void);
void flush_own_page(unsigned page);
void broadcast_flush(unsigned space);
void raise_interrupt(unsigned cpu);
unsigned this_cpu(void);
void irqs_off(void);
void irqs_on(void);

/* user_access: whether this CPU may touch user memory, in an NMI too. */
void user_access(bool allowed);

/* user_store, user_load: user mode touches a page of the loaded space, through any entry that the
 * TLB may hold. False, or -1: it faulted, and did nothing. */
bool user_store(unsigned page, uintptr_t value);
intptr_t user_load(unsigned page);

/* wait_until: until the word, which other bodies store to, has the value. */
void wait_until(const struct salvo_word *word, uintptr_t value);

/* choose: returns 0 to ways - 1, each in its turn. require: an assertion (oracle 0). */
unsigned choose(unsigned ways);
void require(bool condition, const char *what);

/*
 * promise: pages [from, to) are gone (absent), or read-only, from now on: oracles 1 and 5.
 * free_page: give the frame back. free_table: the same of a table that nothing leads to any more.
 * write_out: what the page of a file holds now is on the disk, if its dirty mark was set.
 */
void promise(unsigned space, unsigned from, unsigned to, bool absent);
void free_page(uintptr_t frame);
void free_table(uintptr_t frame);
void write_out(uintptr_t frame);

/* PROGRAM: of salvo's protocol, see program.h. PROGRAM_OF: `handler` runs when an interrupt is
 * taken. */
#define PROGRAM(symbol, count, ...)                                                                \
	const struct program program_##symbol = {                                                  \
		.name = #symbol, .cpus = count, .set_up = set_up, .bodies = {__VA_ARGS__}}
#define PROGRAM_OF(symbol, count, handler, ...)                                                    \
	const struct program program_##symbol = {.name = #symbol,                                  \
		.cpus = count,                                                                     \
		.set_up = set_up,                                                                  \
		.interrupt = handler,                                                              \
		.bodies = {__VA_ARGS__}}

#endif
