/* SPDX-License-Identifier: MIT */
/*
 * entries.h: page-table entries of CPUs that exist in C alone: explored, simulated, measured, or made
 * of software. What such a CPU is (its levels, facts and flushes) is its own salvo_arch.h, which
 * defines the bits and then includes this:
 *   PTE_PRESENT, PTE_WRITE, PTE_ACCESSED, PTE_DIRTY
 *   PTE_EXEC or PTE_NO_EXEC   the other is 0
 *   PTE_HUGE                  of an upper-level entry: it is a leaf
 *   PTE_FRAME                 the bits of the address
 *   PTE_ATTRIBUTES            a change of these needs a flush
 */
#ifndef HOSTS_ENTRIES_H
#define HOSTS_ENTRIES_H

#include <salvo/types.h>

static inline bool
salvo_arch_pte_present(salvo_pte pte)
{
	return (pte & PTE_PRESENT) != 0;
}

static inline bool
salvo_arch_pte_writable(salvo_pte pte)
{
	return (pte & PTE_WRITE) != 0;
}

static inline bool
salvo_arch_pte_dirty(salvo_pte pte)
{
	return (pte & PTE_DIRTY) != 0;
}

static inline bool
salvo_arch_pte_accessed(salvo_pte pte)
{
	return (pte & PTE_ACCESSED) != 0;
}

static inline bool
salvo_arch_pte_leaf(salvo_pte pte, unsigned level)
{
	return level == 1 || (pte & PTE_HUGE) != 0;
}

static inline uintptr_t
salvo_arch_pte_frame(salvo_pte pte, unsigned level)
{
	(void)level;
	return (pte & PTE_FRAME) >> SALVO_ARCH_PAGE_SHIFT;
}

static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	bool exec = PTE_NO_EXEC != 0 ? (pte & PTE_NO_EXEC) == 0 : (pte & PTE_EXEC) != 0;

	return ((pte & PTE_WRITE) != 0 ? SALVO_WRITE : 0) | (exec ? SALVO_EXEC : 0);
}

static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	pte &= ~(salvo_pte)(PTE_WRITE | PTE_EXEC | PTE_NO_EXEC);
	return pte | ((rights & SALVO_WRITE) != 0 ? PTE_WRITE : 0) |
	       ((rights & SALVO_EXEC) != 0 ? PTE_EXEC : PTE_NO_EXEC);
}

static inline salvo_pte
salvo_arch_pte_clean(salvo_pte pte)
{
	return pte & ~(salvo_pte)(PTE_WRITE | PTE_DIRTY);
}

static inline salvo_pte
salvo_arch_pte_old(salvo_pte pte)
{
	return pte & ~(salvo_pte)PTE_ACCESSED;
}

static inline salvo_pte
salvo_arch_pte_written(salvo_pte pte)
{
	return pte | PTE_DIRTY;
}

static inline enum salvo_need
salvo_arch_attributes_need(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	(void)level;
	return ((old ^ new_pte) & PTE_ATTRIBUTES) != 0 ? SALVO_NEEDS_FLUSH : SALVO_NEEDS_NOTHING;
}

#endif
