/* SPDX-License-Identifier: MIT */
/*
 * salvo_arch.h for 64-bit RISC-V: Sv48, four levels, 4 KiB pages. "Priv" is the privileged
 * architecture, version 1.12; its supervisor chapter holds satp and SFENCE.VMA.
 *
 * Slot n is ASID n of this hart alone; a hart without ASIDs has one slot. Kernel leaves have G set.
 * Accessed and Dirty may be set by hardware (Svadu) or by the host's fault handler (Svade), which
 * must do it by compare-exchange of an entry that it found to allow the access.
 * Svnapot leaves (bit 63) are not for the operations: a frame number has no room for their mark.
 */
#ifndef SALVO_ARCH_H
#define SALVO_ARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <salvo/types.h>

#define SALVO_ARCH_PAGE_SHIFT  12
#define SALVO_ARCH_INDEX_BITS  9
#define SALVO_ARCH_LEVELS      4
#define SALVO_ARCH_SOFT_DIRTY  ((salvo_pte)1 << 8)

#define SALVO_RISCV_VALID      ((salvo_pte)1 << 0)
#define SALVO_RISCV_READ       ((salvo_pte)1 << 1)
#define SALVO_RISCV_WRITE      ((salvo_pte)1 << 2)
#define SALVO_RISCV_EXEC       ((salvo_pte)1 << 3)
#define SALVO_RISCV_USER       ((salvo_pte)1 << 4)
#define SALVO_RISCV_GLOBAL     ((salvo_pte)1 << 5)
#define SALVO_RISCV_ACCESSED   ((salvo_pte)1 << 6)
#define SALVO_RISCV_DIRTY      ((salvo_pte)1 << 7)
#define SALVO_RISCV_FRAME      ((salvo_pte)0x003ffffffffffc00)
#define SALVO_RISCV_TYPE       ((salvo_pte)3 << 61) /* Svpbmt */
#define SALVO_RISCV_NAPOT      ((salvo_pte)1 << 63) /* Svnapot: a larger page */

#define SALVO_RISCV_SATP_SV48  ((uintptr_t)9 << 60)
#define SALVO_RISCV_ASID_SHIFT 44
#define SALVO_RISCV_ASID_MASK  ((uintptr_t)0xffff)

/*
 * SFENCE.VMA orders what this hart has seen of page tables, stores of other harts included, before
 * its later walks (Priv, SFENCE.VMA). Operand register x0 means all addresses, all ASIDs and global
 * entries; an ASID in another register, 0 too, means that ASID without global entries.
 */

/* The loaded ASID. */
static inline uintptr_t
salvo_riscv_asid(void)
{
	uintptr_t satp;

	__asm__ volatile("csrr %0, satp" : "=r"(satp) : : "memory");
	return (satp >> SALVO_RISCV_ASID_SHIFT) & SALVO_RISCV_ASID_MASK;
}

static inline void
salvo_riscv_flush_asid(uintptr_t asid)
{
	__asm__ volatile("sfence.vma zero, %0" : : "r"(asid) : "memory");
}

/*
 * True: hardware that sets Dirty checks in the same atomic step that the entry is valid and allows
 * the store, before it stores (Priv, A and D bits); hardware that does not set it faults.
 */
static inline bool
salvo_arch_clean_write_traps(void)
{
	return true;
}

/*
 * False: an entry that was cached may be used until an SFENCE.VMA, one that was invalid too: a page
 * that has just been mapped may fault (Priv, SFENCE.VMA; Svvptc bounds that).
 */
static inline bool
salvo_arch_fault_forgets(void)
{
	return false;
}

/* False: which of two translations is used cannot be foretold, and nothing else happens (Priv,
 * SFENCE.VMA). */
static inline bool
salvo_arch_needs_break(void)
{
	return false;
}

/*
 * A write of satp is neither a barrier nor a flush. An ASID that is not the loaded one is cleared
 * before its new root comes: what it remembers may lead into freed tables. The loaded one is
 * cleared after, since until then the old root fills it.
 */
static inline void
salvo_arch_load_root(salvo_root root, unsigned slot, bool keep)
{
	uintptr_t satp = SALVO_RISCV_SATP_SV48 | (uintptr_t)slot << SALVO_RISCV_ASID_SHIFT |
			 root >> SALVO_ARCH_PAGE_SHIFT;

	bool loaded = slot == salvo_riscv_asid();

	if (!keep && !loaded)
		salvo_riscv_flush_asid(slot);
	__asm__ volatile("fence rw, rw\n\tcsrw satp, %0" : : "r"(satp) : "memory");
	if (!keep && loaded)
		salvo_riscv_flush_asid(slot);
}

static inline void
salvo_arch_flush_space(void)
{
	salvo_riscv_flush_asid(salvo_riscv_asid());
}

/* An SFENCE.VMA of an address speaks of leaves alone, so freed tables need the whole ASID. */
static inline void
salvo_arch_flush_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	uintptr_t asid = salvo_riscv_asid();

	if (tables) {
		salvo_riscv_flush_asid(asid);
		return;
	}
	for (uintptr_t i = start >> stride_shift; i <= (end - 1) >> stride_shift; i++)
		__asm__ volatile("sfence.vma %0, %1"
				 :
				 : "r"(i << stride_shift), "r"(asid)
				 : "memory");
}

static inline void
salvo_arch_flush_everything(void)
{
	__asm__ volatile("sfence.vma zero, zero" : : : "memory");
}

static inline void
salvo_arch_flush_kernel_range(uintptr_t start, uintptr_t end, unsigned stride_shift, bool tables)
{
	if (tables) {
		salvo_arch_flush_everything();
		return;
	}
	for (uintptr_t i = start >> stride_shift; i <= (end - 1) >> stride_shift; i++)
		__asm__ volatile("sfence.vma %0, zero" : : "r"(i << stride_shift) : "memory");
}

static inline bool
salvo_arch_pte_present(salvo_pte pte)
{
	return (pte & SALVO_RISCV_VALID) != 0;
}

static inline bool
salvo_arch_pte_writable(salvo_pte pte)
{
	return (pte & SALVO_RISCV_WRITE) != 0;
}

static inline bool
salvo_arch_pte_dirty(salvo_pte pte)
{
	return (pte & SALVO_RISCV_DIRTY) != 0;
}

static inline bool
salvo_arch_pte_accessed(salvo_pte pte)
{
	return (pte & SALVO_RISCV_ACCESSED) != 0;
}

/* A valid entry that allows nothing points to a table. */
static inline bool
salvo_arch_pte_leaf(salvo_pte pte, unsigned level)
{
	(void)level;
	return (pte & (SALVO_RISCV_READ | SALVO_RISCV_WRITE | SALVO_RISCV_EXEC)) != 0;
}

static inline uintptr_t
salvo_arch_pte_frame(salvo_pte pte, unsigned level)
{
	(void)level;
	return (pte & SALVO_RISCV_FRAME) >> 10;
}

/* Readable always: writable alone is reserved, and all three clear would point to a table. */
static inline salvo_pte
salvo_arch_pte_protect(salvo_pte pte, unsigned rights)
{
	pte &= ~SALVO_RISCV_WRITE & ~SALVO_RISCV_EXEC;
	pte |= SALVO_RISCV_READ;
	if ((rights & SALVO_WRITE) != 0)
		pte |= SALVO_RISCV_WRITE;
	if ((rights & SALVO_EXEC) != 0)
		pte |= SALVO_RISCV_EXEC;
	return pte;
}

static inline unsigned
salvo_arch_pte_rights(salvo_pte pte)
{
	return ((pte & SALVO_RISCV_WRITE) != 0 ? SALVO_WRITE : 0) |
	       ((pte & SALVO_RISCV_EXEC) != 0 ? SALVO_EXEC : 0);
}

static inline salvo_pte
salvo_arch_pte_clean(salvo_pte pte)
{
	return pte & ~SALVO_RISCV_WRITE & ~SALVO_RISCV_DIRTY;
}

static inline salvo_pte
salvo_arch_pte_old(salvo_pte pte)
{
	return pte & ~SALVO_RISCV_ACCESSED;
}

static inline salvo_pte
salvo_arch_pte_written(salvo_pte pte)
{
	return pte | SALVO_RISCV_DIRTY;
}

/*
 * A user's page is not the supervisor's, so U is no right that only grows. A new memory type is
 * given to a page that nobody uses (Svpbmt), another size to an entry that is not there (Svnapot).
 */
static inline enum salvo_need
salvo_arch_attributes_need(salvo_pte old, salvo_pte new_pte, unsigned level)
{
	const salvo_pte changed = old ^ new_pte;

	(void)level;
	if ((changed & (SALVO_RISCV_TYPE | SALVO_RISCV_NAPOT)) != 0)
		return SALVO_NEEDS_BREAK;
	return (changed & (SALVO_RISCV_USER | SALVO_RISCV_GLOBAL)) != 0 ||
			       (old & ~new_pte & SALVO_RISCV_READ) != 0
		       ? SALVO_NEEDS_FLUSH
		       : SALVO_NEEDS_NOTHING;
}

#endif
