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

#endif
