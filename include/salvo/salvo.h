/* SPDX-License-Identifier: MIT */
/*
 * salvo.h: TLB-shootdown batching for any kernel.
 *
 * The order that everything here serves:
 *
 *   1. page-table entries are cleared, or made to allow less;
 *   2. every CPU that may hold the old translations forgets them, each interrupted at most once;
 *   3. only then are pages freed, given away or written out, and page tables freed.
 *
 * A page must never be freed while a CPU can reach it, no write may be lost, and a page table must
 * never be freed while a walker can be in it.
 *
 * Three layers, to be adopted one at a time:
 *   shootdown   a host that has page tables and frees of its own: salvo_flush_range() and friends
 *   gather      collects what one operation cleared, flushes once, then frees: salvo_gather_*()
 *   operations  walk the tables and keep the order of steps: salvo_unmap(), salvo_reclaim(), ...
 *
 * Contexts: "=>" lines are preconditions. Where nothing is said a call may be made with interrupts
 * on or off, from threads and from interrupt handlers, with any lock held whose waiters take
 * interrupts or call salvo_serve(); never from an NMI. Calls that return void cannot fail.
 */
#ifndef SALVO_H
#define SALVO_H

#include <salvo/port.h>
#include <salvo/types.h>

#define SALVO_VERSION_MAJOR 0
#define SALVO_VERSION_MINOR 1
#define SALVO_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Machine and CPUs ---- */

/*
 * salvo_machine_init: set the machine up, before anything else and once.
 *    kernel_root    tables that map the kernel and no user memory; CPUs run on it between spaces
 *    flush_ceiling  leaves that are flushed one by one; beyond it the whole space is (Linux: 33)
 *    stall_ns       report a CPU that has not answered for so long; 0 never reports
 * The name carries SALVO_MAX_CPUS: a host compiled for another maximum than the library's does not
 * link.
 */
#define SALVO_PASTE(a, b)             a##b
#define SALVO_NAME_WITH(name, number) SALVO_PASTE(name, number)
#define salvo_machine_init            SALVO_NAME_WITH(salvo_machine_init_for_cpus_, SALVO_MAX_CPUS)
void salvo_machine_init(struct salvo_machine *machine, salvo_root kernel_root,
	unsigned flush_ceiling, uint64_t stall_ns);

/*
 * salvo_cpu_init: set a CPU up, once, after the machine and before it or anybody else uses it.
 *    slots  hardware address-space numbers to use, 1 to SALVO_MAX_SLOTS; 1 where the TLB is
 *    untagged
 */
void salvo_cpu_init(struct salvo_cpu *cpu, unsigned slots);

/*
 * salvo_cpu_online: this CPU takes part from now on, with the kernel's root loaded. After
 *    salvo_cpu_init, or after salvo_cpu_offline and whatever happened to the hardware since.
 * => on that CPU, interrupts off, running on the kernel's root
 */
void salvo_cpu_online(void);

/*
 * salvo_cpu_offline: this CPU takes no part any more: nobody interrupts it or waits for it. It may
 *    go on running on mappings that never change.
 * => on that CPU, interrupts off until it stops
 */
void salvo_cpu_offline(void);

/* ---- Spaces ---- */

/* salvo_space_init: set a space up whose top table is `root`; no CPU has it loaded. */
void salvo_space_init(struct salvo_space *space, salvo_root root);

/*
 * salvo_space_destroy: make every CPU that still has the space loaded, which must be lazy ones,
 *    load the kernel's root; returns when none has. Then the tables, the root and the structure may
 *    be freed (the structure once nobody has it pinned), with a gather begun by
 *    salvo_gather_begin_dying.
 * => nobody loads the space any more, and nobody changes its entries but by rmap
 */
void salvo_space_destroy(struct salvo_space *space);

/*
 * salvo_space_load: run on this space from now on, or with the kernel's space (&machine->kernel) on
 *    kernel mappings alone. Catches up with what was flushed while this CPU was away.
 * => interrupts off
 * Ordering: the tables as they are after every flush requested before the return are what this CPU
 * translates by. Source: the order "join, read the generation, load" is Linux's since 2017.
 */
void salvo_space_load(struct salvo_space *space);

/*
 * salvo_lazy_enter: this CPU touches no user memory until salvo_lazy_leave or the next load:
 * flushes that free no tables leave it alone, unless the hardware needs break-before-make
 * (salvo_arch_needs_break). For kernel threads and idle, instead of a load.
 * salvo_lazy_leave: user memory may be touched again; catches up first.
 * => both: interrupts off
 */
void salvo_lazy_enter(void);
void salvo_lazy_leave(void);

/*
 * salvo_user_access_ok: whether code that interrupted this CPU, by NMI too, may touch memory of the
 *    space that it has loaded: not while it is lazy, between spaces, or about to flush.
 */
bool salvo_user_access_ok(void);

/* ---- Shootdown ---- */

/*
 * salvo_flush_range: every CPU forgets the old translations of the range: to be called after its
 *    entries were cleared, or allow less. For the kernel's space (&machine->kernel) every CPU
 *    online is asked.
 * => not from NMI; the space stays in memory until the return
 * Ordering: stores to page tables before the call are seen by every walk after it; when it returns,
 * no CPU uses an old translation, and every access made by one is complete.
 * Waits for the other CPUs and serves requests meanwhile, so interrupts may be off. No allocation.
 * Sources: one interrupt a CPU, Gorman 2015; generations, Lutomirski 2017 (Linux 4.14), Amit 2021.
 */
void salvo_flush_range(struct salvo_space *space, const struct salvo_range *range);

/* salvo_flush_page: the same of the one page (1 << SALVO_ARCH_PAGE_SHIFT bytes) at `address`. */
void salvo_flush_page(struct salvo_space *space, uintptr_t address);

/* salvo_flush_space: the same of all of a space. tables: page tables of it are freed next. */
void salvo_flush_space(struct salvo_space *space, bool tables);

/*
 * salvo_spurious_fault: the entry for this address allows what a fault was taken for: by now, or
 *    since the handler let it. Nothing is flushed for a right that is gained, so this CPU goes by
 *    an older copy, which is forgotten here where the CPU does not do that by itself.
 * => on the CPU that took the fault, before it tries again; an address of the loaded space
 * Source: no flush when a permission grows, Amit 2021.
 */
void salvo_spurious_fault(uintptr_t address);

/*
 * salvo_request, salvo_complete: salvo_flush_range in two halves, for a host that changes entries
 *    under a lock and wants to drop it before it waits: request under the lock, after the last
 *    change; complete after it. A request that a later one has completed meanwhile costs nothing.
 *    salvo_request returns the generation for salvo_complete, which may be given the last of
 *    several. tables: one of the requests up to that generation that the caller answers for frees
 *    tables.
 */
uintptr_t salvo_request(struct salvo_space *space, const struct salvo_range *range);
void salvo_complete(struct salvo_space *space, uintptr_t gen, bool tables);

/*
 * salvo_flush_later: salvo_flush_range that waits for nobody: it asks, flushes here and returns.
 *    Once every CPU has answered, whoever notices last calls `over`. The return has promised
 *    nothing of other CPUs, and other operations on the range flush for themselves, as ever.
 *    `over` is called with interrupts off, by a CPU that is online: before this returns, or
 *    wherever a CPU serves: in salvo_interrupt, salvo_serve, salvo_cpu_online, here and in
 *    salvo_gather_finish_later for others' flushes, or while it waits in any other call. So it may
 *    take no lock that is held around any of these, and may wait for no other CPU: it requests no
 *    flush and does not call salvo_walk_sync. It is not called inside another `over` on its CPU.
 *    When it is called the structure and the space are the host's again. Who waits for it with
 *    interrupts off calls salvo_serve. Needs no memory but the structure, so it cannot fail.
 * => the space and the structure stay in memory until `over`
 * => nobody maps pages in the range, frees what was there, or relies on its absence, until `over`
 */
void salvo_flush_later(struct salvo_space *space, const struct salvo_range *range,
	struct salvo_later *later, salvo_later_over *over);

/*
 * salvo_flush_outstanding: whether entries of the space may have been cleared, by anybody, whose
 *    flush is not complete; anybody who uses gathers, batches, or salvo_request under the lock of
 *    the entry. To be asked after looking at an entry, under its table's lock or later. An
 *    operation that found its work done already must flush too if this says so.
 */
bool salvo_flush_outstanding(struct salvo_space *space);

/*
 * salvo_interrupt: the handler of the interrupt that salvo_port_interrupt raises.
 * => interrupts off
 */
void salvo_interrupt(void);

/*
 * salvo_serve: answer what other CPUs have asked of this one, if anything. Every loop of the host
 *    that waits with interrupts off for a lock that may be held across a flush must call it.
 *    Cheap when there is nothing: two words are read.
 */
void salvo_serve(void);

/* ---- Gather: one space ---- */

/*
 * salvo_gather_begin: what follows clears entries of [start, end) of the space. Tells other
 *    operations and secondary TLBs, so it comes before the first clear.
 * salvo_gather_begin_dying: the same of a whole space that salvo_space_destroy has returned for: no
 *    CPU can use it, so nothing is flushed.
 * => the space stays in memory until salvo_gather_finish returns
 */
void salvo_gather_begin(
	struct salvo_gather *gather, struct salvo_space *space, uintptr_t start, uintptr_t end);
void salvo_gather_begin_dying(struct salvo_gather *gather, struct salvo_space *space);

/*
 * salvo_gather_cleared: an entry that maps 1 << stride_shift bytes at `address` was cleared, or
 *    allows less than before.
 * => inside the range of the begin
 */
void salvo_gather_cleared(struct salvo_gather *gather, uintptr_t address, unsigned stride_shift);

/*
 * salvo_gather_cleared_range: the same of any number of entries in [start, end), the smallest of
 *    which maps 1 << stride_shift bytes. One call for all of a table costs less than one for each.
 */
void salvo_gather_cleared_range(
	struct salvo_gather *gather, uintptr_t start, uintptr_t end, unsigned stride_shift);

/*
 * salvo_gather_mark: this table's entries are looked at and changed, `address` being one that it
 *    maps. Only for a host that both changes entries itself and has salvo_port_mark; the operations
 *    do it by themselves.
 * => the table's lock is held, and no entry was looked at yet: by the mark alone others know
 */
void salvo_gather_mark(struct salvo_gather *gather, uintptr_t table, uintptr_t address);

/*
 * salvo_gather_page: these frames, unmapped by entries cleared before, are to be freed after the
 *    flush. Their rmap is removed at the next salvo_gather_remove_rmap.
 *    False: there is no room for another page after this one; salvo_gather_flush before the next.
 */
static inline bool salvo_gather_page(struct salvo_gather *gather, uintptr_t frame, size_t count);

/*
 * salvo_gather_table: this page table, unlinked by clearing the entry at `address` that maps
 *    1 << span_shift bytes, is to be freed after the flush. False: as of salvo_gather_page.
 */
bool salvo_gather_table(
	struct salvo_gather *gather, uintptr_t frame, uintptr_t address, unsigned span_shift);

/*
 * salvo_gather_flush_tlb: flush what was cleared so far; frees nothing, so a table's lock may be
 *    held. For dirty pages, whose rmap is removed under that lock and after the flush.
 */
void salvo_gather_flush_tlb(struct salvo_gather *gather);

/*
 * salvo_gather_remove_rmap: remove the rmap of all pages added since the last time; each is looked
 *    at once, however many there are. Source: Roberts 2023.
 * => the lock of the table that mapped them is held; dirty ones are flushed
 */
void salvo_gather_remove_rmap(struct salvo_gather *gather);

/*
 * salvo_gather_discard_rmap: the pages added since the last time have no rmap to be removed: the
 *    host has done that itself, or never added it. => the same
 */
void salvo_gather_discard_rmap(struct salvo_gather *gather);

/* salvo_gather_flush: flush, then free. => no table lock held, no rmap removal pending */
void salvo_gather_flush(struct salvo_gather *gather);

/*
 * salvo_gather_finish: flush, free, and end. Also flushes the whole range where another operation
 *    had cleared entries of the tables that it looked at (without salvo_port_mark: of this space)
 *    and not flushed yet: what it found gone must be gone.
 * => as salvo_gather_flush
 */
void salvo_gather_finish(struct salvo_gather *gather);

/*
 * salvo_gather_finish_later: salvo_gather_finish of `late->gather` as salvo_flush_later flushes:
 *    frees, then calls `over`, from when on the structure is the host's again. Dirty pages are
 *    flushed before it (see salvo_unmap), which does wait.
 *    salvo_port_invalidate_end, _free_pages, _free_tables and _chunk_free are called where `over`
 *    is, so what is said of it goes for them: where software walks tables that its CPU has not
 *    loaded, salvo_port_free_tables queues them, or tables go by salvo_gather_finish.
 * => as salvo_gather_finish and salvo_flush_later; table locks may be held
 */
void salvo_gather_finish_later(
	struct salvo_late_gather *late, void (*over)(struct salvo_late_gather *late));

/* ---- Lockless walkers ---- */

/*
 * salvo_walk_begin: this CPU reads tables of the space from now on without a lock, from the root
 *    down; none that it finds is freed before salvo_walk_end, which is given what this returned.
 *    May be inside another walk, of the same space or of another one.
 *    Where the CPU has the space loaded this changes nothing, for there the walk is safe by itself:
 *    a flush that frees tables asks this CPU, which answers when it has interrupts on again.
 *    Otherwise it marks the CPU: a store and a full fence.
 * => interrupts off until salvo_walk_end, or in an NMI; nothing in between waits or calls salvo,
 * but for another walk
 * => the space is not destroyed meanwhile, unless the CPU has it loaded
 * => pages that the tables map may be freed meanwhile, unless the CPU has the space loaded and is
 * not lazy: take hold of none that is free already, then look at its entry again, and at those that
 * led to it
 * Source: Yang and Hildenbrand 2026; the mark of a walk inside another covers both here.
 */
uintptr_t salvo_walk_begin(const struct salvo_space *space);
void salvo_walk_end(uintptr_t before);

/*
 * salvo_walk_sync: wait until no walk of the space is left that may have found what was unlinked
 *    before. Interrupts CPUs that are marked with the space now, and no others: not those that have
 *    it loaded, which the flush has interrupted. Without walks it reads a word of each CPU.
 *    To be called by salvo_port_free_tables, before it frees; by the `make` of salvo_collapse,
 *    before it looks at what walkers may have held on to; by a host that frees or unshares tables
 *    itself, after its flush. A host that frees tables after a grace period which its walkers hold
 *    up, wherever they are, needs none of the three; where it cannot defer, because it is out of
 *    memory, it waits here instead, if its walkers say when they walk.
 * => what was unlinked is flushed since, with `tables`, or the space was destroyed before; not in a
 * walk, nor from NMI
 * Serves while it waits, so interrupts may be off, and table locks held. No allocation.
 */
void salvo_walk_sync(const struct salvo_space *space);

/* ---- Batch: many spaces ---- */

/* salvo_batch_begin: an empty batch. One thread uses it. */
void salvo_batch_begin(struct salvo_batch *batch);

/*
 * salvo_batch_cover: an entry of the space is about to be cleared and its flush left to
 *    salvo_batch_flush. Returns whether the batch has room for the space; if not,
 *    salvo_batch_beyond must follow the clear.
 * => the lock of the entry's table is held from here until after the clear (and salvo_batch_beyond)
 */
static inline bool salvo_batch_cover(struct salvo_batch *batch, struct salvo_space *space);
void salvo_batch_beyond(struct salvo_batch *batch, struct salvo_space *space);

/* salvo_batch_mark: as salvo_gather_mark, after salvo_batch_cover had room for the space. */
void salvo_batch_mark(
	struct salvo_batch *batch, struct salvo_space *space, uintptr_t table, uintptr_t address);

/*
 * salvo_batch_flush: flush all spaces of the batch, with one interrupt at most to each CPU that has
 *    one of them loaded and has not flushed since; then the batch is empty. Nothing that the batch
 *    unmapped may be written out, cleaned, freed or given away before this returns.
 */
void salvo_batch_flush(struct salvo_batch *batch);

/* ---- Operations ---- */

/*
 * salvo_pte_flush_pending: whether the entry for this address, just read in this table, may not be
 *    all there is: somebody has changed entries of the table and not flushed them yet, so a CPU may
 *    go by an older one. Of an upper-level entry too, with the table that it is in: a table that
 *    hung there may still be walked. A fault handler asks that is about to copy a page because its
 *    entry is read-only, or that takes an address for unmapped. Where the host has no
 *    salvo_port_mark it is salvo_flush_outstanding.
 * => the table's lock is held
 * Source: Amit 2021.
 */
bool salvo_pte_flush_pending(struct salvo_space *space, uintptr_t table, uintptr_t address);

/*
 * salvo_unmap: clear every present entry of [start, end), pass on Dirty and Accessed, remove the
 *    rmap, and let the gather free the pages. Locks each leaf table in turn.
 *    Returns SALVO_SPLITS_LEAF if the range ends inside a huge leaf: that leaf stays.
 * => start and end are page aligned and inside the gather's range, and addresses that the tables
 * can map; the last page of all addresses belongs to no operation
 * => the gather holds no salvo_protect or salvo_track of the range that is not flushed
 * => no table of the range is freed meanwhile (by another thread), and no page is mapped there
 */
enum salvo_status salvo_unmap(struct salvo_gather *gather, uintptr_t start, uintptr_t end);

/*
 * salvo_free_tables: unlink every page table that lies wholly in [start, end), and let the gather
 *    free it. Widen the range to the neighbouring areas' ends, so that tables shared with nobody
 *    go.
 * => every entry of the range is clear, and nobody (rmap included) can find or add entries there
 * => start and end are inside the gather's range
 */
void salvo_free_tables(struct salvo_gather *gather, uintptr_t start, uintptr_t end);

/*
 * salvo_protect: give every present entry of [start, end) just these rights (SALVO_WRITE |
 *    SALVO_EXEC; 0 is read-only). Flushes, at salvo_gather_finish, only where an entry lost a
 *    right; when that has returned nobody uses the larger right. Returns as salvo_unmap.
 *    A fork write-protects the parent with it: copy an entry after it lost the right, and let
 *    neither run a write fault there (the area's lock) until the gather is finished.
 * => as salvo_unmap
 */
enum salvo_status salvo_protect(
	struct salvo_gather *gather, uintptr_t start, uintptr_t end, unsigned rights);

/*
 * salvo_track: look what becomes of the pages of [start, end) from now on, by one or more of
 *    SALVO_TRACK_DIRTY       take write permission away, clear Dirty and pass it on: for write-back
 *    SALVO_TRACK_SOFT_DIRTY  take write permission away, clear SALVO_ARCH_SOFT_DIRTY (where that
 *                            is 0 the host's fault handler keeps the record)
 *    SALVO_TRACK_ACCESSED    clear Accessed and pass it on; flushed, so that the next access sets
 *                            it, unlike salvo_age
 *    The next write then faults; the handler gives the permission back, with Dirty and with
 *    SALVO_ARCH_SOFT_DIRTY. One flush, at salvo_gather_finish, and none where nothing changed.
 *    DIRTY: when that has returned the host clears its own dirty marks of the pages, and then
 *    writes them out: what is stored after the return faults and is dirty anew. Returns as
 *    salvo_unmap.
 * => as salvo_unmap; a write fault makes a read-only entry writable only together with setting
 * Dirty; DIRTY: the host holds the pages (their locks) until they are written out
 * Source: Amit 2021; Linux cleans for write-back, as of 6.1, with a flush for each page.
 */
#define SALVO_TRACK_DIRTY      1u
#define SALVO_TRACK_SOFT_DIRTY 2u
#define SALVO_TRACK_ACCESSED   4u
enum salvo_status salvo_track(
	struct salvo_gather *gather, uintptr_t start, uintptr_t end, unsigned what);

/*
 * salvo_replace: clear every present entry of [start, end), flush, and then set what `next` returns
 *    for each, all under its table's lock: for up to 32 entries of a table with one flush. While
 *    `next` runs no CPU can use the old entry, and whoever needs it waits for the lock: that is
 *    when to copy the page, or to compare it. `next` returns
 *    an entry of another page       the old page is passed on as by salvo_unmap; count the new one
 *                                   in before
 *    `old`, or another of its page  it stays
 *    an entry that is not present   the page is unmapped; a mark of the host's may stand there
 *    an entry that leads to a table, for a huge leaf: the table maps the same memory
 *    So it is copy-on-write, migration, the merging of equal pages, the split of a huge leaf.
 *    `old` has Dirty set where stores may have passed without. Returns as salvo_unmap.
 * => as salvo_unmap; `next` may not sleep, nor take a lock whose holder waits for a table's
 * => a huge leaf: no other operation works in the range: it does not wait where it finds nothing
 * => pages that are merged: no other entry lets anybody write to either of them
 * Source: clear, flush, set: Amit 2021, Linux's ptep_clear_flush.
 */
enum salvo_status salvo_replace(struct salvo_gather *gather, uintptr_t start, uintptr_t end,
	salvo_replace_visit *next, void *context);

/*
 * salvo_collapse: put one huge leaf where the table of pages hangs that maps `address` and what
 *    follows. Unlinks the table and flushes as for a freed table; then `make` sees its entries, and
 *    while it runs no CPU can use them: it copies, if the pages do not lie in the huge page
 *    already, and returns the huge leaf, or 0 to leave everything as it was. Pages that the huge
 *    leaf does not hold are given to the gather, rmap removed, and so is the table. Dirty and
 *    Accessed are `make`'s to pass on. SALVO_NO_TABLE: no table of pages hangs there.
 * => address is aligned to what the table maps, all of that inside the gather's range
 * => nobody else can find or add entries there (rmap and faults included) but lockless walkers; if
 * these may hold on to pages that they found, `make` looks at the counts, after salvo_walk_sync if
 * some walk spaces that their CPU has not loaded; a walker that is not waited for (tables are freed
 * after a grace period) looks again at the entry that led to the table, once it has its hold
 * => no table lock held; `make` may not sleep
 * => the gather holds no salvo_protect or salvo_track of the range that is not flushed
 */
enum salvo_status salvo_collapse(
	struct salvo_gather *gather, uintptr_t address, salvo_collapse_make *make, void *context);

/*
 * salvo_move: move every present entry of [from, from + size) to the same place in
 *    [to, to + size), with its Dirty and Accessed. Locks the source's and the destination's table
 *    at once, and flushes the source before either lock is dropped, once for each pair of tables:
 *    whoever finds a page at its new address has nothing to flush at the old one.
 *    Returns SALVO_NO_TABLE at the first entry whose new address has no table: it and those after
 *    it stay; make the table and call again. SALVO_SPLITS_LEAF as salvo_unmap, or where a huge leaf
 *    would come to an address that is not aligned for it or where a table hangs; the rest is moved.
 * => [from, from + size) is inside the gather's range; from, to and size are page aligned; the two
 * ranges do not overlap
 * => no entry of the destination is present, and nobody maps pages in either range meanwhile
 * => a walk of the rmap looks at an old address before the new one, or is kept out
 * => otherwise as salvo_unmap
 * Sources: CVE-2018-18281 and Linux's mremap until 2016, which flushed after the locks; Amit 2021.
 */
enum salvo_status salvo_move(
	struct salvo_gather *gather, uintptr_t from, uintptr_t to, uintptr_t size);

/*
 * salvo_reclaim: unmap pages everywhere, leaving the flush to salvo_batch_flush, which may cover
 *    many calls. Where the CPU's stores can pass through clean entries unnoticed, write-protects
 *    and flushes first (van Riel's two phases), so no write is lost; once a call, so few large
 *    calls are better there. When salvo_batch_flush has returned, a page that
 *    salvo_port_page_dirty was called for must be written out, the others may be freed once nobody
 *    else holds them: a gather may, that unmapped them before and has not flushed.
 * => nobody can map the pages anew, or acts on their being unmapped, until salvo_batch_flush has
 *    returned (the host holds their locks)
 * => a write fault makes a read-only entry writable only together with setting Dirty
 */
void salvo_reclaim(struct salvo_batch *batch, const uintptr_t *frames, size_t count);

/*
 * salvo_clean: write-protect pages everywhere and pass on their Dirty bits, so that the next write
 *    faults and sets Dirty anew; leaves the flush to salvo_batch_flush. When that has returned the
 *    host clears its own dirty mark of the pages, and then writes them out.
 * => as salvo_reclaim
 */
void salvo_clean(struct salvo_batch *batch, const uintptr_t *frames, size_t count);

/*
 * salvo_age: how many entries that map the page were accessed since the last time; clears their
 *    Accessed bits and flushes nothing: a page may look younger than it is.
 * => as salvo_port_rmap_walk
 */
size_t salvo_age(uintptr_t frame);

#ifdef __cplusplus
}
#endif

#include <salvo/inline.h>

#endif
