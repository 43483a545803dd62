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

static inline bool
salvo_arch_pte_present(salvo_pte pte)
{
	return (pte & MMU_PRESENT) != 0;
}

static inline bool
salvo_arch_pte_writable(salvo_pte pte)
{
	return (pte & MMU_WRITE) != 0;
}

static inline bool
salvo_arch_pte_dirty(salvo_pte pte)
{
	return (pte & MMU_DIRTY) != 0;
}

static inline bool
salvo_arch_pte_accessed(salvo_pte pte)
{
	return (pte & MMU_ACCESSED) != 0;
}

static inline bool
salvo_arch_pte_leaf(salvo_pte pte, unsigned level)
{
	return level == 1 || (pte & MMU_HUGE) != 0;
}

static inline uintptr_t
salvo_arch_pte_frame(salvo_pte pte, unsigned level)
{
	(void)level;
	return pte >> SALVO_ARCH_PAGE_SHIFT;
}

static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	return ((pte & MMU_WRITE) != 0 ? SALVO_WRITE : 0) |
	       ((pte & MMU_EXEC) != 0 ? SALVO_EXEC : 0);
}

static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	pte &= ~(MMU_WRITE | MMU_EXEC);
	return pte | ((rights & SALVO_WRITE) != 0 ? MMU_WRITE : 0) |
	       ((rights & SALVO_EXEC) != 0 ? MMU_EXEC : 0);
}

static inline salvo_pte
salvo_arch_pte_clean(salvo_pte pte)
{
	return pte & ~(MMU_WRITE | MMU_DIRTY);
}

static inline salvo_pte
salvo_arch_pte_old(salvo_pte pte)
{
	return pte & ~MMU_ACCESSED;
}

static inline salvo_pte
salvo_arch_pte_written(salvo_pte pte)
{
	return pte | MMU_DIRTY;
}

/* There is one attribute. */
static inline enum salvo_need
salvo_arch_attributes_need(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	(void)level;
	return ((old ^ new_pte) & MMU_GLOBAL) != 0 ? SALVO_NEEDS_FLUSH : SALVO_NEEDS_NOTHING;
}

#endif
