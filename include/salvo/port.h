/* SPDX-License-Identifier: MIT */
/*
 * port.h: what a host supplies, in order of need. Each callback states its context, what must hold
 * when it returns, whether it may fail, and what salvo does then.
 *
 * The host's own salvo_port.h is found by include path. It may set limits (see config.h), then
 * includes <salvo/types.h>, then defines any callback `static inline`, so that a hot path pays no
 * call; the others it defines in a .c file. A prototype below that follows such a definition only
 * repeats it, so a wrong signature does not compile. Start from port/template/salvo_port.h.
 *
 * No callback may request a flush; salvo_port_free_tables may call salvo_walk_sync, but not from
 * within a late finish (salvo_gather_finish_later). From NMI context salvo_port_this_cpu and
 * salvo_port_cpu alone are called, by salvo_user_access_ok and salvo_walk_begin and _end.
 */
#ifndef SALVO_PORT_CONTRACT_H
#define SALVO_PORT_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#include <salvo_port.h>

#include <salvo/types.h>

/* ---- Shootdown: who and where ---- */

/*
 * salvo_port_this_cpu: the number of the CPU that runs this, 0 to SALVO_MAX_CPUS - 1.
 *    Called with interrupts off, or from an NMI. Cannot fail.
 */
unsigned salvo_port_this_cpu(void);

/*
 * salvo_port_cpu: the structure of a CPU, at an address that never changes; one that
 *    salvo_cpu_init was called for. Any context. Cannot fail.
 */
struct salvo_cpu *salvo_port_cpu(unsigned cpu);

/*
 * salvo_port_machine: the one structure that salvo_machine_init was called for.
 *    Any context. Cannot fail.
 */
struct salvo_machine *salvo_port_machine(void);

/* ---- Shootdown: interrupts ---- */

/*
 * salvo_port_irq_save: turn interrupts off on this CPU; returns what irq_restore takes. Nests.
 *    Afterwards no interrupt handler runs here and the caller cannot migrate. Cannot fail.
 */
uintptr_t salvo_port_irq_save(void);
void salvo_port_irq_restore(uintptr_t state);

/* salvo_port_irqs_off: whether interrupts are off on this CPU. Checks preconditions only. */
bool salvo_port_irqs_off(void);

/*
 * salvo_port_interrupt: make each CPU of the set call salvo_interrupt() soon, this CPU too if it is
 *    in the set (salvo_cpuset_next finds them; past `words` its bits hold nothing). All at once
 *    where the hardware can. Called with interrupts off. Must order every earlier store of this CPU
 *    before the interrupt (x2APIC: mfence; lfence. GICv3: dsb ishst. xAPIC's uncached store does by
 *    itself). An interrupt must never be lost while the CPU is online, and may wait as long as the
 *    CPU has interrupts off; one for a CPU that has just gone offline may be ignored. Cannot fail;
 *    may not wait for the other CPU to take the interrupt.
 */
void salvo_port_interrupt(const struct salvo_cpuset *cpus);

/* salvo_port_relax: one turn of a loop that waits for another CPU. May do nothing. */
void salvo_port_relax(void);

/* ---- Shootdown: when something is wrong ---- */

/*
 * salvo_port_clock_ns: nanoseconds since any fixed moment, about the same on all CPUs. Coarse will
 *    do: it only times stall reports. A host without a clock returns 0, and has no reports.
 */
uint64_t salvo_port_clock_ns(void);

/*
 * salvo_port_stall: a CPU has not answered for stall_ns. Print it: the wait goes on, and reports
 *    again after as long. Interrupts as the requester had them; may not sleep.
 */
void salvo_port_stall(const struct salvo_stall *stall);

/*
 * salvo_port_broken: the host broke a precondition. Should not return; if it does, salvo goes on
 *    and nothing is promised of that space any more. Any context.
 */
void salvo_port_broken(const char *what, const char *file, int line);

/* salvo_port_trace: something happened; for a ring buffer or a trace point. May do nothing. */
void salvo_port_trace(enum salvo_event event, uintptr_t a, uintptr_t b);

/*
 * ======== A host that uses shootdown alone (its own page tables, its own frees) stops here.
 * ======== The rest may then be left undefined: nothing of shootdown.c, flush.c, space.c and
 * later.c refers to it.
 */

/* ---- Gather and batch: memory ---- */

/*
 * salvo_port_chunk_alloc: one page (1 << SALVO_ARCH_PAGE_SHIFT bytes, page aligned) for
 * bookkeeping, or NULL. May be called with a page table's lock held: must not reclaim, sleep or
 * flush. May fail: the gather then flushes early and goes on.
 */
void *salvo_port_chunk_alloc(void);
void salvo_port_chunk_free(void *chunk);

/*
 * salvo_port_free_pages: drop the space's hold on these pages. No CPU can reach them through the
 *    cleared entries any more. Called with no lock of salvo's held; may sleep if the host's caller
 *    may. After salvo_gather_finish_later: see there where this, salvo_port_free_tables,
 *    salvo_port_chunk_free and salvo_port_invalidate_end are called then. Cannot fail.
 */
void salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count);

/*
 * salvo_port_free_tables: the same of page tables, each frame one table: give up the space's hold,
 *    where others share it. No hardware walker is in them, and no software on a CPU that has the
 *    space loaded which had interrupts off. A host whose software walks other spaces' tables
 *    without a lock calls salvo_walk_sync first (but in no late finish, which must not wait),
 *    or frees them after a grace period of its own.
 */
void salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count);

/*
 * salvo_port_rmap_remove: this space no longer maps these pages: take one mapping off each of
 *    `count` frames from `frame`. Dirty bits of the cleared entries have been passed on, and where
 *    one was dirty the flush is done; but not by salvo_reclaim, where the host holds the page until
 *    the batch's flush. Called with the page table's lock held.
 *    Returns false if one of them was mapped by nobody, so that a count would get negative: that is
 *    reported to salvo_port_broken, and salvo goes on.
 */
bool salvo_port_rmap_remove(struct salvo_space *space, uintptr_t frame, size_t count);

/*
 * salvo_port_invalidate_begin: secondary TLBs (an IOMMU, a device, a guest's nested tables) must
 *    forget [start, end) of the space now and fetch nothing of it anew before the matching
 *    salvo_port_invalidate_end. Nests; ranges of different calls may overlap. Called before the
 *    first entry is cleared: by an operation on a range with the host's locks only, by an rmap
 *    operation with the table's lock held, so it may not sleep. May do nothing.
 */
void salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end);
void salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end);

/*
 * salvo_port_space_pin: keep the structure of the space in memory until unpin, even if it is
 *    destroyed meanwhile. A count is enough. Called with a page table's lock of the space held.
 *    May refuse (false): the batch then flushes the space's CPUs without looking at it again.
 */
bool salvo_port_space_pin(struct salvo_space *space);
void salvo_port_space_unpin(struct salvo_space *space);

/* ======== A host that changes its page-table entries itself stops here. ======== */

/* ---- Operations: page tables ---- */

/*
 * salvo_port_table: the entries of the page table in this frame, as this CPU can address them.
 *    Any context. Cannot fail.
 */
struct salvo_word *salvo_port_table(uintptr_t frame);

/*
 * salvo_port_table_lock: exclude every other change of the entries of the table in `frame`, but for
 *    the hardware's Accessed and Dirty bits. One lock for all tables will do; one each is better.
 *    Held across a flush: whoever waits for it with interrupts off must call salvo_serve() in its
 *    loop, or two CPUs wait for each other.
 */
void salvo_port_table_lock(struct salvo_space *space, uintptr_t frame);
void salvo_port_table_unlock(struct salvo_space *space, uintptr_t frame);

/*
 * salvo_port_tables_lock: the locks of two tables of the space at once, or of one if `a` is `b`;
 *    where one lock serves both it is taken once. Two callers may come with the same tables the
 *    other way round: always take the lower frame's first, say. salvo_move and salvo_collapse
 *    alone hold two. Otherwise as salvo_port_table_lock.
 */
void salvo_port_tables_lock(struct salvo_space *space, uintptr_t a, uintptr_t b);
void salvo_port_tables_unlock(struct salvo_space *space, uintptr_t a, uintptr_t b);

/*
 * salvo_port_mark: a word in which salvo notes that entries of this table were changed and are not
 *    flushed yet; NULL, for all tables, where the host has none: then operations that find their
 *    work done by another flush more often. Zero when the table is new, and with the table's lock
 *    held salvo's own. May be that of the area in which `address` lies, an address that the table
 *    maps, if every gather keeps to one area. Any context. Cannot fail.
 */
struct salvo_word *salvo_port_mark(struct salvo_space *space, uintptr_t table, uintptr_t address);

/*
 * salvo_port_page_dirty: these pages have been written through an entry that is gone or read-only
 *    now. Returns whether what they hold outlives the mapping (a file's pages): they must then be
 *    written out before their memory is given up, and an unmap flushes before it removes their
 *    rmap. False for memory that dies with its mapping. An unmap calls it again after that flush:
 *    write-back may have taken the mark meanwhile, and the page been stored to after. Table lock
 *    held. Cannot fail.
 */
bool salvo_port_page_dirty(uintptr_t frame, size_t count);

/* salvo_port_page_accessed: the same of Accessed: a hint to the host's page replacement. */
void salvo_port_page_accessed(uintptr_t frame, size_t count);

/*
 * salvo_port_page_is_dirty: whether the page is known to be dirty already, whatever its entries
 *    say. Saves two-phase reclaim its first phase. False is always safe.
 */
bool salvo_port_page_is_dirty(uintptr_t frame);

/*
 * salvo_port_rmap_walk: call `visit` once for each entry that maps the page in `frame`, with the
 *    lock of that entry's table held and the entry pointing into the table; an entry that is found
 *    not to map the page is passed over: looked at with the lock held, for salvo_replace takes
 *    entries out and puts them back. No new mapping of the page may appear meanwhile (the host
 *    holds the page's lock, say). `visit` may call salvo_port_rmap_remove for the mapping it has.
 */
typedef void salvo_rmap_visit(const struct salvo_mapping *mapping, void *context);
void salvo_port_rmap_walk(uintptr_t frame, salvo_rmap_visit *visit, void *context);

/*
 * salvo_port_rmap_move: the space maps these `count` frames from `frame` at `to` now, and at `from`
 *    no more. For an rmap that remembers addresses; one that finds entries through areas has
 *    nothing to do. Called with the locks of both tables held, before the flush of `from`: whoever
 *    finds the new entry must wait for its table's lock. Cannot fail.
 */
void salvo_port_rmap_move(
	struct salvo_space *space, uintptr_t frame, size_t count, uintptr_t from, uintptr_t to);

#ifdef __cplusplus
}
#endif

#endif
