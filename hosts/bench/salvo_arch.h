/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h: a CPU whose flushes are counted and do nothing, so that what is measured is the
 * bookkeeping. Pages, tables and facts are those of x86-64.
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#include <salvo/types.h>

#define SALVO_ARCH_PAGE_SHIFT 12
#define SALVO_ARCH_INDEX_BITS 9
#define SALVO_ARCH_LEVELS     4
#define SALVO_ARCH_SOFT_DIRTY ((salvo_pte)1 << 58)

#define BENCH_PRESENT         ((salvo_pte)1 << 0)
#define BENCH_WRITE           ((salvo_pte)1 << 1)
#define BENCH_ACCESSED        ((salvo_pte)1 << 5)
#define BENCH_DIRTY           ((salvo_pte)1 << 6)
#define BENCH_HUGE            ((salvo_pte)1 << 7)
#define BENCH_NX              ((salvo_pte)1 << 63)
#define BENCH_FRAME           ((salvo_pte)0x000ffffffffff000)

/* Flushes and root loads that hardware would have made. */
extern unsigned long bench_hardware;

static inline bool
salvo_arch_clean_write_traps(void)
{
	return true;
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
	(void)root;
	(void)slot;
	(void)keep;
	bench_hardware++;
}

static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	(void)start;
	(void)end;
	(void)stride_shift;
	(void)tables;
	bench_hardware++;
}

static inline void
salvo_arch_flush_space(void)
{
	bench_hardware++;
}

static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	salvo_arch_flush_range(start, end, stride_shift, tables);
}

static inline void
salvo_arch_flush_everything(void)
{
	bench_hardware++;
}

static inline bool
salvo_arch_pte_present(salvo_pte pte)
{
	return (pte & BENCH_PRESENT) != 0;
}

static inline bool
salvo_arch_pte_writable(salvo_pte pte)
{
	return (pte & BENCH_WRITE) != 0;
}

static inline bool
salvo_arch_pte_dirty(salvo_pte pte)
{
	return (pte & BENCH_DIRTY) != 0;
}

static inline bool
salvo_arch_pte_accessed(salvo_pte pte)
{
	return (pte & BENCH_ACCESSED) != 0;
}

static inline bool
salvo_arch_pte_leaf(salvo_pte pte, unsigned level)
{
	return level == 1 || (pte & BENCH_HUGE) != 0;
}

static inline uintptr_t
salvo_arch_pte_frame(salvo_pte pte, unsigned level)
{
	(void)level;
	return (pte & BENCH_FRAME) >> SALVO_ARCH_PAGE_SHIFT;
}

static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	return ((pte & BENCH_WRITE) != 0 ? SALVO_WRITE : 0) |
	       ((pte & BENCH_NX) == 0 ? SALVO_EXEC : 0);
}

static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	pte &= ~BENCH_WRITE;
	return (pte & ~BENCH_NX) | ((rights & SALVO_WRITE) != 0 ? BENCH_WRITE : 0) |
	       ((rights & SALVO_EXEC) != 0 ? 0 : BENCH_NX);
}

static inline salvo_pte
salvo_arch_pte_clean(salvo_pte pte)
{
	return pte & ~(BENCH_WRITE | BENCH_DIRTY);
}

static inline salvo_pte
salvo_arch_pte_old(salvo_pte pte)
{
	return pte & ~BENCH_ACCESSED;
}

static inline salvo_pte
salvo_arch_pte_written(salvo_pte pte)
{
	return pte | BENCH_DIRTY;
}

static inline enum salvo_need
salvo_arch_attributes_need(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	(void)old;
	(void)new_pte;
	(void)level;
	return SALVO_NEEDS_NOTHING;
}

#endif
