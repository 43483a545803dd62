/* SPDX-License-Identifier: MIT */
/*
 * program.h: what a program of salvo's is written with. A program is a question: what may happen
 * when these CPUs do this? Its first line is the answer that is expected.
 *
 * A space has four pages, 0 and 1 under one table, 2 and 3 under another; so has the kernel's
 * space, whose number is KERNEL. `set_up` runs alone; then each CPU runs its body, and idles in the
 * space that it has loaded, taking interrupts. The machine, and how to map and touch pages, is in
 * protocol.h.
 */
#ifndef EXPLORER_PROGRAM_H
#define EXPLORER_PROGRAM_H

#include "protocol.h"

#include "../../src/internal.h"

#define PAGE(n) ((uintptr_t)(n) << SALVO_ARCH_PAGE_SHIFT)

/* ---- Set up alone ---- */

/* use_slots: each CPU has so many address-space numbers (1 unless it is called). Before run_on. */
void use_slots(unsigned slots);

/* offer_books: the gather's requests for memory may succeed; without this they never do. */
void offer_books(void);

/* refuse_pins: no space can be pinned by a batch. */
void refuse_pins(void);

/* count_pins: a destroyed space's structure is given back with its last pin: from then on nobody
 * may write to it. */
void count_pins(void);

/* attach_device: a device with a TLB of its own walks the tables of space 0 at any time. */
void attach_device(void);

/* lock_each_table: a lock for each table, where otherwise there is one for all. */
void lock_each_table(void);

/* mark_each_table: the host keeps a word for each table, in which the library marks it. */
void mark_each_table(void);

/* mark_walks: software walks spaces that its CPU has not loaded: it says so by salvo_walk_begin,
 * and who frees tables waits by salvo_walk_sync. */
void mark_walks(void);

/* allow_late_finishes: the program calls unmap_later. queue_tables: and free_queued_tables, which
 * waits for walks as the end of a finish may not. */
void allow_late_finishes(void);
void queue_tables(void);

/* track_accessed_bits: hardware sets Accessed when it caches an entry, and caches none without;
 * then speculate() is what walks. */
void track_accessed_bits(void);

/* start_lazy, start_offline: the CPU begins so. */
void start_lazy(unsigned cpu);
void start_offline(unsigned cpu);

/* hold: the page is one that reclaim() and clean() are about. keep: somebody has a reference to it,
 * so that unmapping does not free it; free_page() does. Both return its frame. */
uintptr_t hold(unsigned space, unsigned page);
uintptr_t keep(unsigned space, unsigned page);

/* ---- Bodies: memory management ---- */

/* zap: unmap pages [from, to) by a gather; free their tables too. unmap: and promise that they are
 * gone, which a zap, that something else may be mapped behind, does not. */
void zap(unsigned space, unsigned from, unsigned to, bool tables);
void unmap(unsigned space, unsigned from, unsigned to, bool tables);

/* unmap_later: unmap by a finish that waits for nobody; that the pages are gone is promised when it
 * is over. Two at a time at most. */
void unmap_later(unsigned space, unsigned from, unsigned to, bool tables);

/* wait_for_finishes: until so many are over. */
void wait_for_finishes(unsigned count);

/* free_queued_tables: of the space: those that finishes have queued until now, when walks that were
 * under way are over. */
void free_queued_tables(unsigned space);

/* move: so many pages to other addresses. That the old ones are gone is promised. */
void move(unsigned space, unsigned from, unsigned to, unsigned pages);

/* protect: pages [from, to) become read-only, which is promised. */
void protect(unsigned space, unsigned from, unsigned to);

/* track: pages [from, to) by salvo_track. */
void track(unsigned space, unsigned from, unsigned to, unsigned what);

/*
 * replace: pages [from, to) by salvo_replace. For `next`: copy_page returns the entry of a new page
 * that holds the same, for the page of the space; page_content is what a frame holds.
 */
void replace(unsigned space, unsigned from, unsigned to, salvo_replace_visit *next);
salvo_pte copy_page(unsigned space, unsigned page, salvo_pte old);
uintptr_t page_content(uintptr_t frame);

/* collapse: a huge leaf in place of the table that maps the page and the next, both present: its
 * pages are copied, unless somebody holds one, where walks are marked. ..._without_waiting: for
 * walks before that is looked at. */
void collapse(unsigned space, unsigned page);
void collapse_without_waiting(unsigned space, unsigned page);

/* reclaim: unmap the pages that are held, by one batch; write the dirty ones out; free those that
 * nobody else, an unmap that has not flushed yet, has a reference to. */
void reclaim(void);

/* clean: write-protect the pages that are held, by one batch, and write the dirty ones out. */
void clean(void);

/* destroy: the space, its pages, tables and root. Nobody may be running on it but lazily. */
void destroy(unsigned space);

/* write_fault: what a kernel does when a store faults on a present entry: writable, and dirty. */
void write_fault(unsigned space, unsigned page);

/* speculate: hardware, of any CPU that can, walks to a page of the space, or does not; where
 * track_accessed_bits() was called. For the body of a CPU that does nothing else. */
void speculate(unsigned page);

/* software_walk: look a page up without a lock, as GUP-fast does. => interrupts off
 * ..._beside_nmi: an NMI comes while it is in the table, and runs `nmi`, which may walk too. */
void software_walk(unsigned space, unsigned page);
void software_walk_beside_nmi(unsigned space, unsigned page, void (*nmi)(void));

/* software_hold: take hold of the page that such a walk finds; its frame, or 0. let_go: of it. */
uintptr_t software_hold(unsigned space, unsigned page);
void let_go(uintptr_t frame);

/* lock_tables, unlock_tables: what the library holds while it changes entries, where one lock is
 * for all. Who waits serves. */
void lock_tables(unsigned space);
void unlock_tables(unsigned space);

/* is_saved: what the page of a file holds is written out, or the page is marked to be. */
bool is_saved(uintptr_t frame);

/* was_accessed: the host was told so, by whoever took an entry of the page away. */
bool was_accessed(uintptr_t frame);

/* ---- Bodies: the CPU ---- */

void go_lazy(void);
void leave_lazy(void);
void load(unsigned space);
void load_kernel(void);
void go_offline(void);
void come_online(void);

/* lock: a lock of the host's that is waited for with interrupts off; serving requests meanwhile, or
 * not. unlock: interrupts are on again. */
void lock(bool serves);
void unlock(void);

#endif
