/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h for AArch64: 4 KiB granule, 48-bit addresses, four levels (level 4 is Arm's 0, level
 * 1 is Arm's 3), user tables under TTBR0_EL1 with the ASID there (TCR_EL1.A1 = 0). "ARM" is the
 * Architecture Reference Manual for A-profile, DDI 0487.
 *
 * Slot n is ASID n of this CPU alone: TTBR0_EL1.CnP stays 0, user leaves have nG set, and TLBI
 * instructions here act on this CPU (no "IS"). Kernel tables hang from TTBR1_EL1 and their leaves
 * have nG clear. Two slots or more, salvo_cpu_init: with one, two spaces would meet under its ASID,
 * which break-before-make forbids (salvo_arch_needs_break). No leaf has the Contiguous bit:
 * operations change entries one by one.
 *
 * Software's part of an entry, whether or not the CPU has FEAT_HAFDBS:
 *   DBM set              the entry may be written
 *   AP[2] clear          ... and has been, or may be unnoticed: dirty
 *   bit 55               dirty, of an entry that was then made read-only
 * With hardware management of dirty state (TCR_EL1.HA and HD) a store to a DBM entry clears AP[2].
 * Without it such a store faults, and the host's handler must clear AP[2] by compare-exchange if
 * DBM is still set; without HA it must set AF in the same way when an access-flag fault is taken.
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <salvo/types.h>

#define SALVO_ARCH_PAGE_SHIFT 12
#define SALVO_ARCH_INDEX_BITS 9
#define SALVO_ARCH_LEVELS     4
#define SALVO_ARCH_SOFT_DIRTY ((salvo_pte)1 << 56)

#define SALVO_ARM_VALID       ((salvo_pte)1 << 0)
#define SALVO_ARM_TABLE       ((salvo_pte)1 << 1) /* above level 1; level 1 has it in every leaf */
#define SALVO_ARM_TYPE        ((salvo_pte)7 << 2) /* AttrIndx */
#define SALVO_ARM_NON_SECURE  ((salvo_pte)1 << 5)
#define SALVO_ARM_USER        ((salvo_pte)1 << 6)
#define SALVO_ARM_READ_ONLY   ((salvo_pte)1 << 7) /* AP[2] */
#define SALVO_ARM_SHARED      ((salvo_pte)3 << 8) /* SH */
#define SALVO_ARM_ACCESSED    ((salvo_pte)1 << 10)
#define SALVO_ARM_NOT_GLOBAL  ((salvo_pte)1 << 11)
#define SALVO_ARM_GUARDED     ((salvo_pte)1 << 50)
#define SALVO_ARM_DBM         ((salvo_pte)1 << 51)
#define SALVO_ARM_CONTIGUOUS  ((salvo_pte)1 << 52)
#define SALVO_ARM_PXN         ((salvo_pte)1 << 53)
#define SALVO_ARM_UXN         ((salvo_pte)1 << 54)
#define SALVO_ARM_WAS_DIRTY   ((salvo_pte)1 << 55)  /* left to software by the CPU */
#define SALVO_ARM_PBHA        ((salvo_pte)15 << 59) /* the implementation's own */
#define SALVO_ARM_FRAME       ((salvo_pte)0x0000fffffffff000)

#define SALVO_ARM_ASID_SHIFT  48

/*
 * Before a TLBI: what this CPU has seen of page tables, by loads too, comes before it, and its
 * accesses by old translations are done. ISHST would not wait for loads.
 */
static inline void
salvo_arm_tlbi_begin(void)
{
	__asm__ volatile("dsb ish" : : : "memory");
}

/* After it: complete on this CPU, and nothing fetched or translated before is used. */
static inline void
salvo_arm_tlbi_end(void)
{
	__asm__ volatile("dsb nsh\n\tisb" : : : "memory");
}

/* The loaded ASID, where TLBI takes it. */
static inline uintptr_t
salvo_arm_asid(void)
{
	uintptr_t ttbr0;

	__asm__ volatile("mrs %0, ttbr0_el1" : "=r"(ttbr0) : : "memory");
	return ttbr0 & ((uintptr_t)0xffff << SALVO_ARM_ASID_SHIFT);
}

/* What TLBI takes of an address: its page number, bits 55 to 12, in bits 43 to 0. */
static inline uintptr_t
salvo_arm_tlbi_page(uintptr_t address)
{
	return (address >> 12) & (((uintptr_t)1 << 44) - 1);
}

/*
 * True: hardware sets the dirty state by an atomic update of the descriptor in memory, only where
 * that still allows it (ARM, hardware management of the dirty state); software's clean entry is
 * read-only, so the store faults.
 */
static inline bool
salvo_arch_clean_write_traps(void)
{
	return true;
}

/*
 * False: an entry that gives a permission fault may stay in the TLB; only one whose descriptor was
 * invalid, or had AF clear, may not be there (ARM, TLB lookup).
 */
static inline bool
salvo_arch_fault_forgets(void)
{
	return false;
}

/*
 * True: an address that the TLB has twice may give a TLB conflict abort, or an amalgamation of both
 * (ARM, break-before-make). Speculative walks find the new entry beside the old one.
 */
static inline bool
salvo_arch_needs_break(void)
{
	return true;
}

static inline void
salvo_arm_flush_asid(uintptr_t asid)
{
	salvo_arm_tlbi_begin();
	__asm__ volatile("tlbi aside1, %0" : : "r"(asid) : "memory");
	salvo_arm_tlbi_end();
}

/*
 * An ASID that is not the loaded one is cleared before its new root comes: what it remembers may
 * lead into freed tables. The loaded one is cleared after, since until then the old root fills it.
 * The last barrier ends walks that the old root began.
 */
static inline void
salvo_arch_load_root(salvo_root root, unsigned slot, bool keep)
{
	uintptr_t asid = (uintptr_t)slot << SALVO_ARM_ASID_SHIFT;
	bool loaded = asid == salvo_arm_asid();

	if (!keep && !loaded)
		salvo_arm_flush_asid(asid);
	__asm__ volatile("dsb ish\n\tmsr ttbr0_el1, %0\n\tisb" : : "r"(root | asid) : "memory");
	if (!keep && loaded)
		salvo_arm_flush_asid(asid);
	else
		__asm__ volatile("dsb nsh" : : : "memory");
}

/* VALE1 leaves entries of upper levels, which table walks may use; VAE1 does not (ARM, TLB
 * maintenance). */
static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	uintptr_t asid = salvo_arm_asid();

	salvo_arm_tlbi_begin();
	for (uintptr_t i = start >> stride_shift; i <= (end - 1) >> stride_shift; i++) {
		uintptr_t what = asid | salvo_arm_tlbi_page(i << stride_shift);

		if (tables)
			__asm__ volatile("tlbi vae1, %0" : : "r"(what) : "memory");
		else
			__asm__ volatile("tlbi vale1, %0" : : "r"(what) : "memory");
	}
	salvo_arm_tlbi_end();
}

static inline void
salvo_arch_flush_space(void)
{
	salvo_arm_flush_asid(salvo_arm_asid());
}

/* As salvo_arch_flush_range, of every ASID: VAAE1 and VAALE1. */
static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	salvo_arm_tlbi_begin();
	for (uintptr_t i = start >> stride_shift; i <= (end - 1) >> stride_shift; i++) {
		uintptr_t what = salvo_arm_tlbi_page(i << stride_shift);

		if (tables)
			__asm__ volatile("tlbi vaae1, %0" : : "r"(what) : "memory");
		else
			__asm__ volatile("tlbi vaale1, %0" : : "r"(what) : "memory");
	}
	salvo_arm_tlbi_end();
}

static inline void
salvo_arch_flush_everything(void)
{
	salvo_arm_tlbi_begin();
	__asm__ volatile("tlbi vmalle1" : : : "memory");
	salvo_arm_tlbi_end();
}

static inline bool
salvo_arch_pte_present(salvo_pte pte)
{
	return (pte & SALVO_ARM_VALID) != 0;
}

/* AP[2] clear without DBM is writable too: an entry that a host made without dirty tracking. */
static inline bool
salvo_arch_pte_writable(salvo_pte pte)
{
	return (pte & SALVO_ARM_DBM) != 0 || (pte & SALVO_ARM_READ_ONLY) == 0;
}

static inline bool
salvo_arch_pte_dirty(salvo_pte pte)
{
	return (pte & SALVO_ARM_READ_ONLY) == 0 || (pte & SALVO_ARM_WAS_DIRTY) != 0;
}

static inline bool
salvo_arch_pte_accessed(salvo_pte pte)
{
	return (pte & SALVO_ARM_ACCESSED) != 0;
}

static inline bool
salvo_arch_pte_leaf(salvo_pte pte, unsigned level)
{
	return level == 1 || (pte & SALVO_ARM_TABLE) == 0;
}

static inline uintptr_t
salvo_arch_pte_frame(salvo_pte pte, unsigned level)
{
	(void)level;
	return (pte & SALVO_ARM_FRAME) >> SALVO_ARCH_PAGE_SHIFT;
}

/* The bit that forbids execution to those whom the entry is for. */
static inline salvo_pte
salvo_arm_no_exec(salvo_pte pte)
{
	return (pte & SALVO_ARM_USER) != 0 ? SALVO_ARM_UXN : SALVO_ARM_PXN;
}

static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	bool dirty = salvo_arch_pte_dirty(pte);

	pte &= ~SALVO_ARM_DBM & ~SALVO_ARM_WAS_DIRTY & ~salvo_arm_no_exec(pte);
	pte |= SALVO_ARM_READ_ONLY;
	if ((rights & SALVO_EXEC) == 0)
		pte |= salvo_arm_no_exec(pte);
	if ((rights & SALVO_WRITE) == 0)
		return dirty ? pte | SALVO_ARM_WAS_DIRTY : pte;
	return dirty ? (pte | SALVO_ARM_DBM) & ~SALVO_ARM_READ_ONLY : pte | SALVO_ARM_DBM;
}

static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	return (salvo_arch_pte_writable(pte) ? SALVO_WRITE : 0) |
	       ((pte & salvo_arm_no_exec(pte)) == 0 ? SALVO_EXEC : 0);
}

static inline salvo_pte
salvo_arch_pte_clean(salvo_pte pte)
{
	return (pte & ~SALVO_ARM_DBM & ~SALVO_ARM_WAS_DIRTY) | SALVO_ARM_READ_ONLY;
}

static inline salvo_pte
salvo_arch_pte_old(salvo_pte pte)
{
	return pte & ~SALVO_ARM_ACCESSED;
}

/* AP[2] says it of a writable entry, bit 55 of one that is not. */
static inline salvo_pte
salvo_arch_pte_written(salvo_pte pte)
{
	return salvo_arch_pte_writable(pte) ? pte & ~SALVO_ARM_READ_ONLY
					    : pte | SALVO_ARM_WAS_DIRTY;
}

/*
 * Break-before-make is asked for memory type, shareability, becoming global, Contiguous, and for
 * another address space or size (ARM, TLB maintenance). No use is made of FEAT_BBM. What a user may
 * use is not what EL1 may execute, so AP[1] is no right that only grows; either PXN or UXN is
 * salvo_arch_pte_rights' own.
 */
static inline enum salvo_need
salvo_arch_attributes_need(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	const salvo_pte changed = old ^ new_pte;

	(void)level;
	if ((changed & (SALVO_ARM_TYPE | SALVO_ARM_NON_SECURE | SALVO_ARM_SHARED |
			       SALVO_ARM_CONTIGUOUS)) != 0 ||
		(old & ~new_pte & SALVO_ARM_NOT_GLOBAL) != 0)
		return SALVO_NEEDS_BREAK;
	return (changed & (SALVO_ARM_USER | SALVO_ARM_NOT_GLOBAL | SALVO_ARM_GUARDED |
				  SALVO_ARM_PBHA)) != 0 ||
			       (new_pte & ~old & (SALVO_ARM_PXN | SALVO_ARM_UXN)) != 0
		       ? SALVO_NEEDS_FLUSH
		       : SALVO_NEEDS_NOTHING;
}

#endif
