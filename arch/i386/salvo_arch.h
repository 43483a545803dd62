/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h for 32-bit x86 without PAE: two levels, 4 KiB pages, 4 MiB leaves. From the Pentium
 * on (CR4). "SDM" is Intel's manual, volume 3A. The host has set CR0.WP.
 *
 * An entry cannot forbid execution. Frames are numbers below 2^20: no PSE-36.
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <salvo/types.h>

#define SALVO_ARCH_PAGE_SHIFT 12
#define SALVO_ARCH_INDEX_BITS 10
#define SALVO_ARCH_LEVELS     2
#define SALVO_ARCH_SOFT_DIRTY ((salvo_pte)1 << 11)

#define SALVO_X86_PRESENT     ((salvo_pte)1 << 0)
#define SALVO_X86_WRITE       ((salvo_pte)1 << 1)
#define SALVO_X86_USER        ((salvo_pte)1 << 2)
#define SALVO_X86_TYPE        ((salvo_pte)3 << 3) /* memory type: PWT, PCD, and PAT below */
#define SALVO_X86_ACCESSED    ((salvo_pte)1 << 5)
#define SALVO_X86_DIRTY       ((salvo_pte)1 << 6)
#define SALVO_X86_HUGE        ((salvo_pte)1 << 7) /* level 2; at level 1 it is a memory type */

#define SALVO_X86_PAT         ((salvo_pte)1 << 7) /* level 1 */
#define SALVO_X86_GLOBAL      ((salvo_pte)1 << 8)
#define SALVO_X86_HUGE_PAT    ((salvo_pte)1 << 12) /* level 2 */

#define SALVO_X86_CR4_PGE     ((uintptr_t)1 << 7)

/* A move to CR3 serialises, and drops all but global entries. */
static inline void
salvo_x86_set_cr3(uintptr_t value)
{
	__asm__ volatile("movl %0, %%cr3" : : "r"(value) : "memory");
}

static inline uintptr_t
salvo_x86_cr4(void)
{
	uintptr_t value;

	__asm__ volatile("movl %%cr4, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void
salvo_x86_set_cr4(uintptr_t value)
{
	__asm__ volatile("movl %0, %%cr4" : : "r"(value) : "memory");
}

/* Forgets the page's leaf, global or not, and all upper levels. */
static inline void
salvo_x86_invlpg(uintptr_t address)
{
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
}

/* True: a store through a clean entry sets Dirty by a locked walk that checks again (SDM 4.8). */
static inline bool
salvo_arch_clean_write_traps(void)
{
	return true;
}

/* True: a page fault drops the TLB's entries for its address (SDM 4.10.4.1). */
static inline bool
salvo_arch_fault_forgets(void)
{
	return true;
}

/* False: with two translations of an address the CPU uses either (SDM 4.10.2.3). */
static inline bool
salvo_arch_needs_break(void)
{
	return false;
}

/* The TLB is untagged: every load of another root flushes, so nothing is ever kept. */
static inline void
salvo_arch_load_root(salvo_root root, unsigned slot, bool keep)
{
	(void)slot;
	(void)keep;
	salvo_x86_set_cr3(root);
}

/* `tables` asks for no more: INVLPG drops upper levels of whatever address (SDM 4.10.4.1). */
static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	(void)tables;
	for (uintptr_t i = start >> stride_shift; i <= (end - 1) >> stride_shift; i++)
		salvo_x86_invlpg(i << stride_shift);
}

static inline void
salvo_arch_flush_space(void)
{
	uintptr_t cr3;

	__asm__ volatile("movl %%cr3, %0" : "=r"(cr3) : : "memory");
	salvo_x86_set_cr3(cr3);
}

static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	salvo_arch_flush_range(start, end, stride_shift, tables);
}

/* Global entries go when CR4.PGE changes (SDM 4.10.4.1); a CPU that does not set it has none. */
static inline void
salvo_arch_flush_everything(void)
{
	uintptr_t cr4 = salvo_x86_cr4();

	if ((cr4 & SALVO_X86_CR4_PGE) == 0) {
		salvo_arch_flush_space();
		return;
	}
	salvo_x86_set_cr4(cr4 & ~SALVO_X86_CR4_PGE);
	salvo_x86_set_cr4(cr4);
}

static inline bool
salvo_arch_pte_present(salvo_pte pte)
{
	return (pte & SALVO_X86_PRESENT) != 0;
}

static inline bool
salvo_arch_pte_writable(salvo_pte pte)
{
	return (pte & SALVO_X86_WRITE) != 0;
}

static inline bool
salvo_arch_pte_dirty(salvo_pte pte)
{
	return (pte & SALVO_X86_DIRTY) != 0;
}

static inline bool
salvo_arch_pte_accessed(salvo_pte pte)
{
	return (pte & SALVO_X86_ACCESSED) != 0;
}

static inline bool
salvo_arch_pte_leaf(salvo_pte pte, unsigned level)
{
	return level == 1 || (pte & SALVO_X86_HUGE) != 0;
}

/* The low ten bits of a huge leaf's field are a memory type and more, not address. */
static inline uintptr_t
salvo_arch_pte_frame(salvo_pte pte, unsigned level)
{
	uintptr_t frame = pte >> SALVO_ARCH_PAGE_SHIFT;

	return salvo_arch_pte_leaf(pte, level) && level > 1 ? frame & ~(uintptr_t)0x3ff : frame;
}

static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	if ((rights & SALVO_WRITE) != 0)
		return pte | SALVO_X86_WRITE;
	return pte & ~SALVO_X86_WRITE;
}

/* Everything readable can be executed. */
static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	return SALVO_EXEC | ((pte & SALVO_X86_WRITE) != 0 ? SALVO_WRITE : 0);
}

static inline salvo_pte
salvo_arch_pte_clean(salvo_pte pte)
{
	return pte & ~SALVO_X86_WRITE & ~SALVO_X86_DIRTY;
}

static inline salvo_pte
salvo_arch_pte_old(salvo_pte pte)
{
	return pte & ~SALVO_X86_ACCESSED;
}

static inline salvo_pte
salvo_arch_pte_written(salvo_pte pte)
{
	return pte | SALVO_X86_DIRTY;
}

/* A user bit that is set gives a right; all other attributes are obeyed as they were cached. */
static inline enum salvo_need
salvo_arch_attributes_need(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	const salvo_pte obeyed = SALVO_X86_TYPE | SALVO_X86_GLOBAL |
				 (level == 1 ? SALVO_X86_PAT : SALVO_X86_HUGE_PAT);

	return ((old ^ new_pte) & obeyed) != 0 || (old & ~new_pte & SALVO_X86_USER) != 0
		       ? SALVO_NEEDS_FLUSH
		       : SALVO_NEEDS_NOTHING;
}

#endif
