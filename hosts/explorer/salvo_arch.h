/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h: the explored CPU: two levels of tables with two entries each, so four pages a
 * space; flushes act on the hostile TLB of tlb.c.
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#define SALVO_ARCH_PAGE_SHIFT 6
#define SALVO_ARCH_INDEX_BITS 1
#define SALVO_ARCH_LEVELS     2
#define SALVO_ARCH_SOFT_DIRTY ((salvo_pte)0)

#define PTE_PRESENT           1u
#define PTE_WRITE             2u
#define PTE_DIRTY             4u
#define PTE_ACCESSED          8u  /* set by programs that call track_accessed() alone */
#define PTE_HUGE              16u /* of an upper-level entry: it maps two pages itself */
#define PTE_EXEC              32u /* no program maps code */
#define PTE_NO_EXEC           0u
#define PTE_FRAME             (~(salvo_pte)0 << SALVO_ARCH_PAGE_SHIFT)
#define PTE_ATTRIBUTES        0u

#include "../entries.h"

extern bool clean_write_traps;
extern bool break_before_make; /* two translations of a page at once are a failure */
extern bool fault_forgets;

void tlb_load_root(salvo_root root, unsigned slot, bool keep);
void tlb_flush(
	uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables, const char *what);
void tlb_flush_kernel(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables);
void tlb_flush_everything(void);
void tlb_flush_broadcast(salvo_root root);

static inline bool
salvo_arch_clean_write_traps(void)
{
	return clean_write_traps;
}

static inline bool
salvo_arch_fault_forgets(void)
{
	return fault_forgets;
}

static inline bool
salvo_arch_needs_break(void)
{
	return break_before_make;
}

static inline void
salvo_arch_load_root(salvo_root root, unsigned slot, bool keep)
{
	tlb_load_root(root, slot, keep);
}

static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	tlb_flush(start, end, stride_shift, tables, "range");
}

static inline void
salvo_arch_flush_space(void)
{
	tlb_flush(0, UINTPTR_MAX, SALVO_ARCH_PAGE_SHIFT, true, "space");
}

static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	tlb_flush_kernel(start, end, stride_shift, tables);
}

static inline void
salvo_arch_flush_everything(void)
{
	tlb_flush_everything();
}

#endif
