/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h: the software MMU's page-table format and flushes. Pages of 256 bytes and tables of
 * 32 entries keep a whole machine small; a leaf may sit at any level (MMU_HUGE).
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#include <salvo/types.h>

#define SALVO_ARCH_PAGE_SHIFT 8
#define SALVO_ARCH_INDEX_BITS 5
#define SALVO_ARCH_LEVELS     3
#define SALVO_ARCH_SOFT_DIRTY MMU_SOFT_DIRTY

#define MMU_PRESENT           ((salvo_pte)1 << 0)
#define MMU_WRITE             ((salvo_pte)1 << 1)
#define MMU_EXEC              ((salvo_pte)1 << 2)
#define MMU_ACCESSED          ((salvo_pte)1 << 3)
#define MMU_DIRTY             ((salvo_pte)1 << 4)
#define MMU_HUGE              ((salvo_pte)1 << 5)
#define MMU_GLOBAL            ((salvo_pte)1 << 6)
#define MMU_SOFT_DIRTY        ((salvo_pte)1 << 7) /* no hardware looks at it */

#define PTE_PRESENT           MMU_PRESENT
#define PTE_WRITE             MMU_WRITE
#define PTE_EXEC              MMU_EXEC
#define PTE_NO_EXEC           ((salvo_pte)0)
#define PTE_ACCESSED          MMU_ACCESSED
#define PTE_DIRTY             MMU_DIRTY
#define PTE_HUGE              MMU_HUGE
#define PTE_FRAME             (~(salvo_pte)0 << SALVO_ARCH_PAGE_SHIFT)
#define PTE_ATTRIBUTES        MMU_GLOBAL

#include "../entries.h"

/* The software MMU's side of these: they act on the CPU that `mmu_self` names. */
bool mmu_clean_write_traps(void);
bool mmu_fault_forgets(void);
bool mmu_needs_break(void);
void mmu_load_root(salvo_root root, unsigned slot, bool keep);
void mmu_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables);
void mmu_flush_space(void);
void mmu_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables);
void mmu_flush_everything(void);

static inline bool
salvo_arch_clean_write_traps(void)
{
	return mmu_clean_write_traps();
}

static inline bool
salvo_arch_fault_forgets(void)
{
	return mmu_fault_forgets();
}

static inline bool
salvo_arch_needs_break(void)
{
	return mmu_needs_break();
}

static inline void
salvo_arch_load_root(salvo_root root, unsigned slot, bool keep)
{
	mmu_load_root(root, slot, keep);
}

static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	mmu_flush_range(start, end, stride_shift, tables);
}

static inline void
salvo_arch_flush_space(void)
{
	mmu_flush_space();
}

static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	mmu_flush_kernel_range(start, end, stride_shift, tables);
}

static inline void
salvo_arch_flush_everything(void)
{
	mmu_flush_everything();
}

#endif
