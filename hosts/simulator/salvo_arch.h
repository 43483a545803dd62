/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h: the simulated CPU: x86-64's page tables, flushes that cost what the machine file
 * says and act on the simulated TLB (tlb.c).
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#include <salvo/types.h>

#define SALVO_ARCH_PAGE_SHIFT 12
#define SALVO_ARCH_INDEX_BITS 9
#define SALVO_ARCH_LEVELS     4
#define SALVO_ARCH_SOFT_DIRTY ((salvo_pte)1 << 11)

#define PTE_PRESENT           ((salvo_pte)1 << 0)
#define PTE_WRITE             ((salvo_pte)1 << 1)
#define PTE_EXEC              ((salvo_pte)0)
#define PTE_ACCESSED          ((salvo_pte)1 << 5)
#define PTE_DIRTY             ((salvo_pte)1 << 6)
#define PTE_HUGE              ((salvo_pte)1 << 7)
#define PTE_NO_EXEC           ((salvo_pte)1 << 63)
#define PTE_FRAME             ((salvo_pte)0x000ffffffffff000)
#define PTE_ATTRIBUTES        ((salvo_pte)0)

#include "../entries.h"

/* Whether a store through a cached clean entry looks at the tables again; a policy may say no. */
extern bool clean_write_traps;

void tlb_load_root(salvo_root root, unsigned slot, bool keep);
void tlb_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift);
void tlb_flush_space(void);
void tlb_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift);
void tlb_flush_everything(void);

static inline bool
salvo_arch_clean_write_traps(void)
{
	return clean_write_traps;
}

static inline bool
salvo_arch_fault_forgets(void)
{
	return true;
}

static inline bool
salvo_arch_needs_break(void)
{
	return false;
}

static inline void
salvo_arch_load_root(salvo_root root, unsigned slot, bool keep)
{
	tlb_load_root(root, slot, keep);
}

/* INVLPG forgets upper-level entries too. */
static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	(void)tables;
	tlb_flush_range(start, end, stride_shift);
}

static inline void
salvo_arch_flush_space(void)
{
	tlb_flush_space();
}

static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	(void)tables;
	tlb_flush_kernel_range(start, end, stride_shift);
}

static inline void
salvo_arch_flush_everything(void)
{
	tlb_flush_everything();
}

#endif
