/* SPDX-License-Identifier: MIT */
/*
 * mmu.h: a memory management unit in software, the same for every host that has no real one.
 *
 * Page tables lie in the frames of an arena; a CPU has a TLB of its own, tagged by slot, that may
 * also hold upper-level entries. A CPU's accesses go through its TLB; mmu_speculate fills it at any
 * moment, as hardware may. Each access is checked: a translation that was promised to be gone, or
 * that leads to a frame with a new owner, is a violation, told to the host with the number of the
 * invariant (docs/DESIGN.md, "What must always hold").
 *
 * A CPU's TLB belongs to whoever runs that CPU; page tables and frames are shared.
 */
#ifndef MMU_H
#define MMU_H

#include <salvo/arch.h>

#define MMU_FRAMES  2048
#define MMU_ENTRIES 64

/* What a hardware designer may choose; a machine is a set of these, 0 the plainest one. */
enum mmu_rule {
	MMU_CLEAN_WRITE_PASSES = 1 << 0, /* a store through a cached clean entry asks no table */
	MMU_CACHES_UPPER = 1 << 1,       /* each walk caches the upper levels that it passes */
	MMU_KEEPS_UPPER = 1 << 2,        /* a flush of addresses leaves them, unless told tables */
	MMU_FAULT_KEEPS = 1 << 3, /* an entry that does not allow an access stays, and faults */
	MMU_NEEDS_BREAK = 1 << 4, /* two translations of an address are a violation */
};

/* Which invariant an access broke. */
enum mmu_oracle {
	MMU_STALE_PAGE = 1,
	MMU_LOST_WRITE = 2,
	MMU_FREED_TABLE = 3,
	MMU_STALE_RIGHT = 5,
};

enum mmu_kind { MMU_FREE, MMU_TABLE, MMU_PAGE, MMU_BOOK };

/* A translation, or an upper-level entry, as a TLB holds it. */
struct mmu_entry {
	bool valid;
	bool upper; /* pte leads to a table of the level below `level` */
	unsigned slot;
	unsigned level;
	uintptr_t start; /* first address that it maps */
	salvo_pte pte;
	uintptr_t incarnation; /* of the frame that it leads to, when it was cached */
};

struct mmu_cpu {
	salvo_root root; /* 0: none loaded yet */
	uintptr_t root_incarnation;
	unsigned slot;
	unsigned victim; /* the entry to replace next when all are in use */
	struct mmu_entry entries[MMU_ENTRIES];
};

/* The CPU that this thread runs. */
extern _Thread_local unsigned mmu_self;

/* The machine's rules; set before any CPU runs. */
extern unsigned mmu_rules;

extern struct mmu_cpu mmu_cpus[SALVO_MAX_CPUS];

/* mmu_reset: all TLBs empty, no root loaded, every frame free; rules as given. */
void mmu_reset(unsigned rules);

/* ---- Frames ---- */

/* mmu_frame_take: a free frame, or 0 if there is none. A table is empty, a page is all 0. */
uintptr_t mmu_frame_take(enum mmu_kind kind);

/* mmu_frames_take: so many that follow each other, the first aligned to the count. */
uintptr_t mmu_frames_take(enum mmu_kind kind, size_t count);
void mmu_frame_give(uintptr_t frame);
void *mmu_frame_memory(uintptr_t frame);
uintptr_t mmu_frame_of(const void *memory);

/* mmu_frame_incarnation: changes whenever the frame is taken or given back. */
uintptr_t mmu_frame_incarnation(uintptr_t frame);
enum mmu_kind mmu_frame_kind(uintptr_t frame);
size_t mmu_frames_in_use(void);

/* ---- Accesses by a CPU: false is a fault ---- */

bool mmu_read(unsigned cpu, uintptr_t address, uintptr_t *value);
bool mmu_write(unsigned cpu, uintptr_t address, uintptr_t value);
bool mmu_add(unsigned cpu, uintptr_t address, uintptr_t amount);
bool mmu_fetch(unsigned cpu, uintptr_t address);

/* ---- What hardware does unasked ---- */

/*
 * mmu_speculate: walk to an address and cache what is there, Accessed set; unless it is cached. With
 *    MMU_NEEDS_BREAK a walk beside a cached entry that finds another is a violation.
 */
void mmu_speculate(unsigned cpu, uintptr_t address);

/* mmu_cache_upper: cache the upper-level entries on the way to an address. */
void mmu_cache_upper(unsigned cpu, uintptr_t address);

/* mmu_walk_check: use every upper-level entry of the loaded slot: violations show. */
void mmu_walk_check(unsigned cpu);

/* ---- Oracles ---- */

/* mmu_violated: the host's: an access broke an invariant. */
void mmu_violated(enum mmu_oracle oracle, unsigned cpu, uintptr_t address);

/*
 * mmu_change_begin, mmu_change_end: an operation on these addresses promises, when it returns, that
 *    nobody uses what the tables do not show any more. Between the two old entries may be used.
 *    Root 0 is the kernel's part. mmu_frame_change_*: the same of whatever maps a frame.
 */
void mmu_change_begin(salvo_root root, uintptr_t start, uintptr_t end);
void mmu_change_end(salvo_root root, uintptr_t start, uintptr_t end);
void mmu_frame_change_begin(uintptr_t frame);
void mmu_frame_change_end(uintptr_t frame);

/* mmu_changes_reset: no operation is going on; mmu_reset does it. */
void mmu_changes_reset(void);

/* mmu_lookup: what the tables show of an address now; 0 if nothing. `level` may be NULL. */
salvo_pte mmu_lookup(salvo_root root, uintptr_t address, unsigned *level);

/* mmu_check_use: the CPU uses this entry, with these rights. */
void mmu_check_use(unsigned cpu, const struct mmu_entry *entry, uintptr_t address, salvo_pte need);

/* ---- TLB ---- */

/* mmu_cached: the entry that the CPU has for an address, or NULL. */
struct mmu_entry *mmu_cached(unsigned cpu, uintptr_t address);

/* mmu_cached_upper: the deepest upper-level entry for it, or NULL. */
struct mmu_entry *mmu_cached_upper(unsigned cpu, uintptr_t address);
struct mmu_entry *mmu_insert(unsigned cpu, const struct mmu_entry *entry);

/* mmu_frame_in: the frame that an entry leads to; any level's are alike here. */
static inline uintptr_t
mmu_frame_in(salvo_pte pte)
{
	return pte >> SALVO_ARCH_PAGE_SHIFT;
}

/* Addresses from here on are the kernel's, and the same in every space. */
#define MMU_KERNEL_BASE                                                                            \
	((uintptr_t)1 << (SALVO_ARCH_PAGE_SHIFT + SALVO_ARCH_INDEX_BITS * SALVO_ARCH_LEVELS - 1))

static inline uintptr_t
mmu_index(uintptr_t address, unsigned level)
{
	return address >> (SALVO_ARCH_PAGE_SHIFT + SALVO_ARCH_INDEX_BITS * (level - 1)) &
	       ((1u << SALVO_ARCH_INDEX_BITS) - 1);
}

static inline uintptr_t
mmu_span(unsigned level)
{
	return (uintptr_t)1 << (SALVO_ARCH_PAGE_SHIFT + SALVO_ARCH_INDEX_BITS * (level - 1));
}

#endif
