/* SPDX-License-Identifier: MIT */
/*
 * arch.h: what salvo asks of a CPU: facts, flush instructions, page-table entries. A backend is one
 * header, salvo_arch.h (arch/CPU/, or a host's own), found by include path, that defines all of
 * this `static inline`; the prototypes below repeat it, so a wrong signature does not compile. What
 * precedes that header here may be used in it.
 *
 * A flush is complete when its function returns: the CPU uses none of the translations any more, in
 * speculation neither, and its walker none of the tables. Flushes act on the CPU that runs them and
 * are called with interrupts off.
 */
#ifndef SALVO_ARCH_CONTRACT_H
#define SALVO_ARCH_CONTRACT_H

#include <salvo/types.h>

/* What an entry may allow; present and readable always. */
#define SALVO_WRITE 1u
#define SALVO_EXEC  2u

/* What a change of an entry needs before nobody goes by the old one; the higher, the more. */
enum salvo_need {
	SALVO_NEEDS_NOTHING, /* CPUs may go on with the old one: at worst they fault once more */
	SALVO_NEEDS_FLUSH,   /* a flush, after the new one is set */
	SALVO_NEEDS_BREAK,   /* the entry absent, a flush, and only then the new one */
};

#ifdef __cplusplus
extern "C" {
#endif

#include <salvo_arch.h>

#if !defined(SALVO_ARCH_PAGE_SHIFT)
#error "salvo_arch.h must define SALVO_ARCH_PAGE_SHIFT: log2 of the bytes of a page and of a table"
#endif
#if !defined(SALVO_ARCH_INDEX_BITS)
#error "salvo_arch.h must define SALVO_ARCH_INDEX_BITS: log2 of the entries of a table"
#endif
#if !defined(SALVO_ARCH_LEVELS)
#error "salvo_arch.h must define SALVO_ARCH_LEVELS: levels of tables; level 1 maps pages"
#endif
#if !defined(SALVO_ARCH_SOFT_DIRTY)
#error "salvo_arch.h must define SALVO_ARCH_SOFT_DIRTY: a bit for software, or 0"
#endif

/* log2 of the bytes that one entry of a level maps, level 1 to SALVO_ARCH_LEVELS. */
#define SALVO_LEVEL_SHIFT(level) (SALVO_ARCH_PAGE_SHIFT + SALVO_ARCH_INDEX_BITS * ((level)-1))

/* ---- Facts ---- */

/*
 * salvo_arch_clean_write_traps: a store through a cached entry whose Dirty bit is clear walks the
 *    tables again, and faults if the entry there is gone or read-only. True of x86. Where it is
 *    false such a store may go unnoticed where the entry is gone, and reclaim write-protects and
 *    flushes before it unmaps; where the entry still maps the page, if only to be read, the store
 *    must set Dirty in it.
 */
static inline bool salvo_arch_clean_write_traps(void);

/*
 * salvo_arch_fault_forgets: a fault makes the CPU forget the entry that it was taken for. True of
 *    x86. Where it is false an entry that has gained rights faults again and again on a CPU that
 *    has the old one, until salvo_spurious_fault.
 */
static inline bool salvo_arch_fault_forgets(void);

/*
 * salvo_arch_needs_break: a TLB may not meet two translations of an address: the old entry must be
 *    gone from it before a walk can find another, even a walk whose result nobody uses. True of
 *    AArch64. Then a flush asks lazy CPUs too, which walk unasked as any CPU. Where it is false the
 *    hardware goes by one or the other until the flush.
 */
static inline bool salvo_arch_needs_break(void);

/* ---- Root and flushes ---- */

/*
 * salvo_arch_load_root: walk these tables from now on, under hardware address-space number `slot`
 *    (0 with an untagged TLB). keep: the entries that the TLB has of that number are still good;
 *    otherwise none of them, upper levels included, is used together with the new root: their
 *    tables may be freed already, unless the number is the loaded one. Walks of the old root are
 *    over at the return. Kernel (global) entries stay. A full barrier. keep is never asked of an
 *    untagged TLB.
 */
static inline void salvo_arch_load_root(salvo_root root, unsigned slot, bool keep);

/*
 * salvo_arch_flush_range: forget [start, end) of the loaded space; leaves map 1 << stride_shift
 *    bytes or more. tables: upper-level entries on the way there too.
 */
static inline void salvo_arch_flush_range(
	uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables);

/* salvo_arch_flush_space: forget all of the loaded space; other slots and kernel entries may stay.
 */
static inline void salvo_arch_flush_space(void);

/* salvo_arch_flush_kernel_range: the same of kernel mappings, whatever space is loaded. */
static inline void salvo_arch_flush_kernel_range(
	uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables);

/* salvo_arch_flush_everything: forget all: every slot, kernel entries, upper levels. */
static inline void salvo_arch_flush_everything(void);

/* ---- Page-table entries: functions of a value; memory is read and written by atomic.h alone ----
 */

static inline bool salvo_arch_pte_present(salvo_pte pte);
static inline bool salvo_arch_pte_writable(salvo_pte pte);
static inline bool salvo_arch_pte_dirty(salvo_pte pte);
static inline bool salvo_arch_pte_accessed(salvo_pte pte);

/* salvo_arch_pte_leaf: a present entry of this level maps memory, not a table. */
static inline bool salvo_arch_pte_leaf(salvo_pte pte, unsigned level);

/* salvo_arch_pte_frame: the frame number that a present entry of this level holds, of memory or of
 * a table. */
static inline uintptr_t salvo_arch_pte_frame(salvo_pte pte, unsigned level);

/* salvo_arch_pte_protect: the entry with just these rights (SALVO_WRITE | SALVO_EXEC); Dirty and
 *    Accessed stay. */
static inline salvo_pte salvo_arch_pte_protect(salvo_pte pte, unsigned rights);

/* salvo_arch_pte_rights: the rights that an entry gives: SALVO_WRITE | SALVO_EXEC. */
static inline unsigned salvo_arch_pte_rights(salvo_pte pte);

/* salvo_arch_pte_clean: the entry without write permission, and with Dirty clear. */
static inline salvo_pte salvo_arch_pte_clean(salvo_pte pte);

/* salvo_arch_pte_old: the entry with Accessed clear. */
static inline salvo_pte salvo_arch_pte_old(salvo_pte pte);

/* salvo_arch_pte_written: the entry with Dirty set, and the rights that it had. */
static inline salvo_pte salvo_arch_pte_written(salvo_pte pte);

/*
 * salvo_arch_attributes_need: what it takes to change the attributes of a leaf of this level, both
 *    entries being present and of the same frame. Attributes are whatever a TLB keeps besides
 *    salvo_arch_pte_rights, Dirty and Accessed: who may use it, memory type, global, key.
 */
static inline enum salvo_need salvo_arch_attributes_need(
	salvo_pte old, salvo_pte new_pte, unsigned level);

#ifdef __cplusplus
}
#endif

#endif
