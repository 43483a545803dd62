/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h for x86-64: four levels, 4 KiB pages, with or without PCIDs. "SDM" is Intel's
 * manual, volume 3A; AMD's (volume 2, 5.5) promises the same but where it is said.
 *
 * Slot n is PCID n. A plain CR3 is PCID 0, so one slot needs nothing; a host that gives
 * salvo_cpu_init more has set CR4.PCIDE, and the Global bit in every kernel leaf.
 * The host has set CR0.WP, and EFER.NXE if it calls operations. User shadow stacks (CR4.CET) are
 * off: with them an entry that is read-only and dirty is one, and that is what salvo_protect,
 * salvo_track and salvo_reclaim make of a dirty page when they take write permission away.
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <salvo/types.h>

#define SALVO_ARCH_PAGE_SHIFT 12
#define SALVO_ARCH_INDEX_BITS 9
#define SALVO_ARCH_LEVELS     4
#define SALVO_ARCH_SOFT_DIRTY ((salvo_pte)1 << 58)

/* 1 where every CPU that the kernel will ever run on has INVPCID. */
#ifndef SALVO_X86_INVPCID
#define SALVO_X86_INVPCID 0
#endif

#define SALVO_X86_PRESENT   ((salvo_pte)1 << 0)
#define SALVO_X86_WRITE     ((salvo_pte)1 << 1)
#define SALVO_X86_USER      ((salvo_pte)1 << 2)
#define SALVO_X86_TYPE      ((salvo_pte)3 << 3) /* memory type: PWT, PCD, and PAT below */
#define SALVO_X86_ACCESSED  ((salvo_pte)1 << 5)
#define SALVO_X86_DIRTY     ((salvo_pte)1 << 6)
#define SALVO_X86_HUGE      ((salvo_pte)1 << 7) /* levels 2 and 3; at level 1 it is a memory type */
#define SALVO_X86_PAT       ((salvo_pte)1 << 7) /* level 1 */
#define SALVO_X86_GLOBAL    ((salvo_pte)1 << 8)
#define SALVO_X86_HUGE_PAT  ((salvo_pte)1 << 12) /* levels 2 and 3 */
#define SALVO_X86_KEY       ((salvo_pte)15 << 59)
#define SALVO_X86_NX        ((salvo_pte)1 << 63)
#define SALVO_X86_FRAME     ((salvo_pte)0x000ffffffffff000)

#define SALVO_X86_CR3_KEEP  ((uintptr_t)1 << 63)
#define SALVO_X86_CR4_PGE   ((uintptr_t)1 << 7)
#define SALVO_X86_CR4_PCIDE ((uintptr_t)1 << 17)

static inline uintptr_t
salvo_x86_cr3(void)
{
	uintptr_t value;

	__asm__ volatile("movq %%cr3, %0" : "=r"(value) : : "memory");
	return value;
}

/* A move to CR3 serialises, and drops the non-global entries of its PCID unless bit 63 is set. */
static inline void
salvo_x86_set_cr3(uintptr_t value)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(value) : "memory");
}

static inline uintptr_t
salvo_x86_cr4(void)
{
	uintptr_t value;

	__asm__ volatile("movq %%cr4, %0" : "=r"(value) : : "memory");
	return value;
}

static inline void
salvo_x86_set_cr4(uintptr_t value)
{
	__asm__ volatile("movq %0, %%cr4" : : "r"(value) : "memory");
}

/* Forgets the page's leaf under this PCID, the global one, and all upper levels of this PCID. */
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

/*
 * One instruction forgets and loads (SDM 4.10.4.1). Bit 63 needs CR4.PCIDE, which a host has set
 * that has slots, and only they are kept.
 */
static inline void
salvo_arch_load_root(salvo_root root, unsigned slot, bool keep)
{
	salvo_x86_set_cr3(root | slot | (keep ? SALVO_X86_CR3_KEEP : 0));
}

/*
 * `tables` asks for no more: INVLPG drops upper levels, of whatever address (SDM 4.10.4.1), or with
 * AMD's EFER.TCE of this one, and every page of the range is named.
 */
static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	(void)tables;
	for (uintptr_t i = start >> stride_shift; i <= (end - 1) >> stride_shift; i++)
		salvo_x86_invlpg(i << stride_shift);
}

/* What is read from CR3 has bit 63 clear, so writing it back flushes. */
static inline void
salvo_arch_flush_space(void)
{
	salvo_x86_set_cr3(salvo_x86_cr3());
}

/* INVPCID type 2, or any change of CR4.PGE: all PCIDs, globals and upper levels (SDM 4.10.4.1). */
static inline void
salvo_arch_flush_everything(void)
{
#if SALVO_X86_INVPCID
	uint64_t descriptor[2] = {0, 0};

	__asm__ volatile("invpcid %0, %1" : : "m"(descriptor), "r"((uint64_t)2) : "memory");
#else
	uintptr_t cr4 = salvo_x86_cr4();

	salvo_x86_set_cr4(cr4 ^ SALVO_X86_CR4_PGE);
	salvo_x86_set_cr4(cr4);
#endif
}

/* INVLPG reaches global leaves whatever their PCID, but upper levels of the current PCID alone. */
static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	if (tables && (salvo_x86_cr4() & SALVO_X86_CR4_PCIDE) != 0)
		salvo_arch_flush_everything();
	else
		salvo_arch_flush_range(start, end, stride_shift, tables);
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

/* The low bits of a huge leaf's field are a memory type and zeros, not address. */
static inline uintptr_t
salvo_arch_pte_frame(salvo_pte pte, unsigned level)
{
	uintptr_t frame = (pte & SALVO_X86_FRAME) >> SALVO_ARCH_PAGE_SHIFT;

	return salvo_arch_pte_leaf(pte, level) && level > 1 ? frame & ~(uintptr_t)1 : frame;
}

static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	pte &= ~SALVO_X86_WRITE & ~SALVO_X86_NX;
	if ((rights & SALVO_WRITE) != 0)
		pte |= SALVO_X86_WRITE;
	if ((rights & SALVO_EXEC) == 0)
		pte |= SALVO_X86_NX;
	return pte;
}

static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	return ((pte & SALVO_X86_WRITE) != 0 ? SALVO_WRITE : 0) |
	       ((pte & SALVO_X86_NX) == 0 ? SALVO_EXEC : 0);
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
	const salvo_pte obeyed = SALVO_X86_TYPE | SALVO_X86_GLOBAL | SALVO_X86_KEY |
				 (level == 1 ? SALVO_X86_PAT : SALVO_X86_HUGE_PAT);

	return ((old ^ new_pte) & obeyed) != 0 || (old & ~new_pte & SALVO_X86_USER) != 0
		       ? SALVO_NEEDS_FLUSH
		       : SALVO_NEEDS_NOTHING;
}

#endif
