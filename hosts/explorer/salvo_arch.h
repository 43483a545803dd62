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
	return pte >> SALVO_ARCH_PAGE_SHIFT;
}

static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	return (pte & ~(salvo_pte)PTE_WRITE) | ((rights & SALVO_WRITE) != 0 ? PTE_WRITE : 0);
}

static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	return salvo_arch_pte_writable(pte) ? SALVO_WRITE : 0;
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

/* There are no attributes. */
static inline enum salvo_need
salvo_arch_attributes_need(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	(void)old;
	(void)new_pte;
	(void)level;
	return SALVO_NEEDS_NOTHING;
}

#endif
