/* SPDX-License-Identifier: MIT */
/*
 * mm.h: what the files of the memory management, the workloads and the checks share, by file.
 *
 * Locks, outermost first; those of one line are never held together, but for two tables:
 *   a quota           (reclaim.c) so many pages may be in the hands of reclaim and write-back
 *   mm.lock           areas, and the making of entries and tables, of one address space; an area
 *                     can be claimed, to go on with it alone when the lock is dropped
 *   a page's lock     PAGE_LOCKED: nobody else maps the page, reads it in or takes it away
 *   rmap_lock         which areas map the file
 *   a table's lock    the entries of one page table
 *   cache_lock, lru_lock, frames_lock, device_lock
 * No memory is waited for, and no disk, with mm.lock or anything below a page's lock held.
 */
#ifndef MM_H
#define MM_H

#include <salvo/arch.h>
#include <salvo/salvo.h>

#include "../kernel.h"

#define PAGE_SHIFT  12
#define HUGE_SHIFT  21
#define HUGE_SIZE   (1UL << HUGE_SHIFT)
#define HUGE_FRAMES (HUGE_SIZE / PAGE_SIZE)

/* ---- frames.c: physical memory ---- */

enum page_flag {
	PAGE_LOCKED = 1,
	PAGE_CACHED = 2,   /* in the page cache; changes with cache_lock and the page's lock held */
	PAGE_DIRTY = 4,    /* newer than the disk */
	PAGE_ACCESSED = 8, /* used since the LRU looked last */
	PAGE_FREE = 16     /* on the free list; changes with frames_lock held */
};

/* A frame of physical memory. What has no lock named is changed by atomic operations alone. */
struct page {
	atomic_uint refs;           /* holds: cache, mappings, gathers, whoever looks at it; or 0 */
	atomic_uint mapcount;       /* entries that map it */
	atomic_uint flags;          /* enum page_flag */
	uint64_t index;             /* page of the file; constant while PAGE_CACHED */
	unsigned char group;        /* of memory, that it counts for; constant while PAGE_CACHED */
	struct page *next, *prev;   /* frames_lock while free, lru_lock while on the LRU list */
	struct page *hash_next;     /* cache_lock */
	struct spinlock table_lock; /* of a page table: its entries */
	struct salvo_word mark;     /* of a page table: salvo's, zero when it is new */
};

struct page *page_of(uintptr_t frame);
uintptr_t frame_of(const struct page *page);
void *page_memory(const struct page *page); /* in the direct map */

/*
 * page_alloc: a frame with one hold, contents as they were; NULL when what is left is kept for page
 *    tables and the like. => any context but an interrupt's, as those below
 */
struct page *page_alloc(void);

/* page_alloc_reserved: the same, down to the last frame. */
struct page *page_alloc_reserved(void);

/* page_alloc_huge: HUGE_FRAMES of them, aligned; the first is returned. Slow: it searches. */
struct page *page_alloc_huge(void);

void page_get(struct page *page);
bool page_get_used(struct page *page);   /* false: it is free, or about to be */
void page_put(struct page *page);        /* the last hold frees it */
bool page_put_shared(struct page *page); /* false: it is the last hold, and stays */

size_t frames_free(void);
size_t frames_total(void);   /* handed to frames_init(), less the page structures */
size_t frames_reserve(void); /* page_alloc() fails at this many free frames */

static inline unsigned
page_refs(struct page *page)
{
	return atomic_load_explicit(&page->refs, memory_order_acquire);
}

static inline bool
page_has(struct page *page, enum page_flag flag)
{
	return (atomic_load_explicit(&page->flags, memory_order_acquire) & flag) != 0;
}

static inline void
page_set(struct page *page, enum page_flag flag)
{
	atomic_fetch_or_explicit(&page->flags, flag, memory_order_acq_rel);
}

/* page_clear: returns whether the flag was there. */
static inline bool
page_clear(struct page *page, enum page_flag flag)
{
	return (atomic_fetch_and_explicit(&page->flags, ~(unsigned)flag, memory_order_acq_rel) &
		       flag) != 0;
}

/* ---- tables.c: page tables ---- */

#define ENTRY_PRESENT  0x001UL
#define ENTRY_WRITE    0x002UL
#define ENTRY_USER     0x004UL
#define ENTRY_ACCESSED 0x020UL
#define ENTRY_DIRTY    0x040UL
#define ENTRY_LARGE    0x080UL
#define ENTRY_NO_EXEC  (1UL << 63)

/*
 * table_entry: the entry of `level` (1: pages, 2: huge pages) that maps the address, and the frame
 *    of its table. NULL if there is no table and `create` is false, or no memory for one.
 * => create: the space's mm.lock is held. Else: an area there is known to stay (rmap_lock, mm.lock)
 */
struct salvo_word *table_entry(
	struct mm *mm, uintptr_t address, unsigned level, bool create, uintptr_t *table);
bool table_root_alloc(uintptr_t *root); /* physical address; the kernel's half is filled in */

/* ---- space.c: address spaces ---- */

enum area_kind {
	AREA_ANONYMOUS,
	AREA_FILE,
	AREA_IMAGE,  /* the user programs: frames of the kernel's image */
	AREA_SHARED, /* tables of another space: share.c */
	AREA_NONE    /* nothing, until an unmap is over: late.c */
};

struct area {
	struct area *next;      /* by address, or the next free one; mm.lock */
	struct area *rmap_next; /* rmap_lock */
	struct mm *mm;          /* constant while in use, as all below but the flags */
	uintptr_t start, end;   /* shrink and split with mm.lock and rmap_lock held */
	uint64_t first;         /* file: page at start; image: frame at start; as start */
	enum area_kind kind;
	unsigned char group; /* of memory, that pages read for it count for */
	bool writable;       /* mm.lock */
	bool huge;           /* anonymous, in pages of HUGE_SIZE; mm.lock */
	bool merged;  /* anonymous; entries may share a page, read-only: mm_merge(); mm.lock */
	bool claimed; /* by who changes it without mm.lock; with that and claims_lock held */
};

#define LATE_UNMAPS 4

/* An unmap that nobody waits for. See late.c. */
struct late_unmap {
	struct salvo_late_gather gather;
	struct area *area; /* in place of what was unmapped; mm.lock */
	atomic_uint state; /* set by whoever notices that it is over, else with mm.lock held */
};

struct mm {
	struct salvo_space space;
	struct mutex lock;
	struct area *areas;      /* mm.lock */
	struct area *spare;      /* mm.lock */
	struct page *area_pages; /* that hold the structures, by `next`; mm.lock */
	struct late_unmap late[LATE_UNMAPS];
	atomic_uint_fast64_t cycles; /* spent in salvo by what changes the space */
	atomic_uint invalidated;     /* ranges that a device may not look into: device.c */
	bool marked;                 /* constant: its tables have salvo's marks */
	atomic_uint pins;            /* of the structure: the process, and batches */
};

static inline struct mm *
mm_of(struct salvo_space *space)
{
	return (struct mm *)((char *)space - offsetof(struct mm, space));
}

/*
 * mm_map_file: pages that are read for it count for group 0 of memory; mm_map_file_of: for that
 * one.
 */
uintptr_t mm_map_file(struct mm *mm, uint64_t first, uint64_t pages, bool writable);
uintptr_t mm_map_file_of(
	struct mm *mm, unsigned group, uint64_t first, uint64_t pages, bool writable);
uintptr_t mm_map_huge(struct mm *mm, size_t size);

/*
 * mm_unmap, mm_protect: one gather for each `step` bytes, so that a workload can compare. Parts
 *    that nothing is mapped at are passed over. False: no memory for an area structure, or a huge
 *    page would be split, tables of another space be changed, or the user programs, which all
 *    processes share, be protected.
 * => start, end and step are whole pages; interrupts on
 */
bool mm_unmap(struct mm *mm, uintptr_t start, uintptr_t end, size_t step);
bool mm_protect(struct mm *mm, uintptr_t start, uintptr_t end, size_t step, bool writable);

struct area *area_find(struct mm *mm, uintptr_t address); /* => mm.lock */

/* mm_settle: wait until all unmaps are over that nobody has waited for. => interrupts on */
void mm_settle(struct mm *mm);

/* in_user_half: whether [start, end) is whole pages of it. */
static inline bool
in_user_half(uintptr_t start, uintptr_t end)
{
	return start < end && end <= USER_END && (start | end) % PAGE_SIZE == 0;
}

/* ---- change.c: pages that come to other addresses, and addresses that get other pages ---- */

/*
 * mm_move: an area, or a part of one, to a place that the kernel chooses, one gather for each
 *    `step` bytes. Returns the new address; 0: no room or memory, or not one area's.
 * mm_merge: each page of [other, other + size) that holds the same as the one at the same place of
 *    [keep, keep + size) is freed and that one mapped instead, read-only; whoever writes to either
 *    gets a copy. One round of flushes for each `step` bytes. Returns the pages merged.
 * mm_collapse: the 2 MiB at this address become a huge page, if all of its small ones are there and
 *    nobody but their entries holds them.
 * => as mm_unmap
 */
uintptr_t mm_move(struct mm *mm, uintptr_t from, size_t size, size_t step);
size_t mm_merge(struct mm *mm, uintptr_t keep, uintptr_t other, size_t size, size_t step);
bool mm_collapse(struct mm *mm, uintptr_t address);

/*
 * merged_is_shared: whether a page was merged and other entries map it still.
 * merged_copy: give the address a writable copy of its own. False: no memory.
 * => mm.lock; the entry is present, in an area that is `merged`
 */
bool merged_is_shared(salvo_pte entry);
bool merged_copy(struct mm *mm, uintptr_t address);

/* ---- areas.c: the list of areas of a space. All: => mm.lock ---- */

void areas_free(struct mm *mm); /* the structures. => no area is left */
uintptr_t area_place(struct mm *mm, size_t size, bool huge);
struct area *area_add(struct mm *mm, const struct area *area);
bool area_split(struct mm *mm, uintptr_t address);
void area_remove(struct mm *mm, struct area *area);
uintptr_t area_gap_start(struct mm *mm, uintptr_t start); /* end of the area before, or 0 */
uintptr_t area_gap_end(struct mm *mm, uintptr_t end);     /* start of the one after, or USER_END */

/*
 * areas_claim: whoever wants to change what is mapped in [start, end) waits from now on, faults
 *    too, until areas_release; so mm.lock may be dropped meanwhile, and others work elsewhere in
 *    the space. areas_wait: until nothing there is claimed; drops mm.lock while it waits.
 * => areas_claim: no area sticks out of the range, none is claimed. areas_release: mm.lock not held
 */
void areas_wait(struct mm *mm, uintptr_t start, uintptr_t end);
void areas_claim(struct mm *mm, uintptr_t start, uintptr_t end);
void areas_release(struct mm *mm, uintptr_t start, uintptr_t end);

/*
 * ---- late.c ----
 *
 * late_room: for an unmap that does not wait; NULL: none. late_finish: the gather in there, its
 *    areas being out. late_collect: those that are over leave the list of areas.
 * late_wait: until none of [start, end) is under way; drops mm.lock while it waits.
 * => mm.lock
 */
struct late_unmap *late_room(struct mm *mm);
void late_finish(struct mm *mm, struct late_unmap *late, uintptr_t start, uintptr_t end);
void late_collect(struct mm *mm);
void late_wait(struct mm *mm, uintptr_t start, uintptr_t end);

/* ---- fault.c ---- */

/*
 * mm_populate: as if a user thread had read or written each page. False: not mapped so.
 * => interrupts on, no lock held
 */
bool mm_populate(struct mm *mm, uintptr_t start, uintptr_t end, bool write);

/* mm_entry: the entry that maps the address now, or 0. For the checks. => interrupts on */
salvo_pte mm_entry(struct mm *mm, uintptr_t address);

/*
 * ---- share.c ----
 *
 * mm_share: the page tables that map [address, address + size) of `owner` hang in this space too.
 *    Returns where; 0: no memory or room, or a table is missing there.
 * mm_unshare: they do no more, when it returns; one gather for each `step` bytes. False: that is
 *    not what mm_share returned.
 * unlink_shared: for mm_destroy.
 * => address, size and step are multiples of HUGE_SIZE; the owner's pages there, and its tables,
 * stay as they are until all have unshared them
 */
uintptr_t mm_share(struct mm *mm, struct mm *owner, uintptr_t address, size_t size);
bool mm_unshare(struct mm *mm, uintptr_t start, uintptr_t end, size_t step);
void unlink_shared(struct salvo_gather *gather, struct mm *mm, uintptr_t start, uintptr_t end);

/*
 * ---- device.c: a device that reads memory by the tables of a space, with a TLB of its own ----
 *
 * There is one. device_read: the word at the address; false: nothing is mapped there, or somebody
 *    works on the space's tables, then it may be tried again.
 * => the space outlives device_detach
 */
void device_attach(struct mm *mm);
void device_detach(void);
bool device_read(uintptr_t address, uint64_t *value);

/*
 * grace.c: grace_put: drop a hold on a page table after a grace period. => interrupts on or off
 */
void grace_put(struct page *table);

/*
 * ---- gup.c ----
 *
 * gup_fast: the page that the space has at this address, with a hold for the caller; NULL if it has
 *    none, or that changes just now. No lock is taken: it reads the tables as they are.
 * => the space is not destroyed meanwhile
 */
struct page *gup_fast(const struct mm *mm, uintptr_t address);

/* ---- cache.c: pages of the file ---- */

uint64_t file_pages(void);
size_t cache_pages(void); /* in memory */

/*
 * page_trylock, page_lock, page_unlock; page_wait sleeps until the page is unlocked.
 * => page_lock: interrupts on. Who waits with other pages locked has a quota: nobody else waits for
 * a page with one locked
 */
bool page_trylock(struct page *page);
void page_lock(struct page *page);
void page_unlock(struct page *page);
void page_wait(struct page *page);

/* cache_find: the page with a hold for the caller, or NULL. */
struct page *cache_find(uint64_t index);

/*
 * cache_read: bring in the page and its neighbours that are absent, for a group of memory. False:
 *    no memory.
 * => no lock held; interrupts on
 */
bool cache_read(uint64_t index, unsigned group);

/*
 * cache_remove: take the page out if only the cache and the caller hold it, and it is clean.
 * => the caller holds the page and its lock, and has flushed since the page was unmapped
 */
bool cache_remove(struct page *page);

/*
 * cache_collect: lock and hold pages from *index on, until `room` are collected or the file ends.
 *    Those that others have locked are waited for, or passed over. Returns how many; *index is
 *    where to go on. => wait: with the only quota
 */
size_t cache_collect(uint64_t *index, uintptr_t *frames, size_t room, bool wait);

/* ---- rmap.c: from a page of the file to the entries that map it ---- */

void rmap_lock_areas(void); /* around a change of an area's bounds too */
void rmap_unlock_areas(void);
void rmap_add_area(struct area *area);    /* => rmap_lock, as rmap_remove_area */
void rmap_remove_area(struct area *area); /* no walk is in the area any more */
bool rmap_written(void);                  /* whether any area of the file is writable */
uint64_t rmap_cleared(void);              /* entries that walks have cleared since boot */
uint64_t rmap_removed(void);              /* mappings that salvo has taken off pages */

/* ---- lru.c: the pages of each group of memory ---- */

#define MEMORY_GROUPS 16

void lru_add(struct page *page); /* => the page is cached */
size_t lru_pages(unsigned group);

/*
 * lru_isolate: take up to `room` pages of a group that were not used lately off its list, locked
 * and held. Those that were used get another turn. Returns how many.
 */
size_t lru_isolate(unsigned group, uintptr_t *frames, size_t room);

/* ---- reclaim.c ---- */

#define QUOTA_MAX (PAGE_SIZE / sizeof(uintptr_t))

/* What reclaim has done since boot. */
struct reclaim_stats {
	atomic_uint_fast64_t cycles;  /* in salvo_reclaim and salvo_batch_flush */
	atomic_uint_fast64_t passes;  /* over all groups */
	atomic_uint_fast64_t groups;  /* in which a pass found pages */
	atomic_uint_fast64_t flushes; /* of what passes unmapped */
	atomic_uint_fast64_t freed;   /* pages */
	atomic_uint_fast64_t written; /* pages written to the disk by it */
};
extern struct reclaim_stats reclaim_stats;

void reclaim_start(void); /* the background thread. => once */
void reclaim_wake(void);  /* memory is getting short. => any context with interrupts on */
void reclaim_wait(void);  /* make memory free, or panic. => no lock held; interrupts on */
size_t reclaim_pages(size_t wanted); /* or fewer, if there are none; returns how many */
size_t reclaim_step(void);           /* pages that are flushed together: what the policy says */

/*
 * The right to have so many pages locked, for reclaim and write-back. quota_begin() waits until
 * that many more may be; one of quota_max() pages is then the only one, and no page is locked by
 * others for longer than a fault takes. => interrupts on, no lock held
 */
struct quota {
	uintptr_t *frames; /* room for `size`; NULL: no memory */
	size_t size;
};
size_t quota_max(void);
struct quota quota_begin(size_t size);
void quota_end(const struct quota *quota);

/* ---- writeback.c ---- */

/* What write-back has done since boot. */
struct writeback_stats {
	atomic_uint_fast64_t cycles;  /* in salvo_clean and salvo_batch_flush */
	atomic_uint_fast64_t written; /* pages cleaned and written to the disk */
};
extern struct writeback_stats writeback_stats;

void writeback_start(void); /* the background thread. => once */

/*
 * write_frames: bring those of the pages that are marked dirty to the disk, marks cleared first;
 *    returns how many. Sorts the array. Panics if the disk fails.
 * => the pages are locked, and flushed since they were unmapped or cleaned
 */
size_t write_frames(uintptr_t *frames, size_t count);

/* file_sync: everything written until now is on the disk. => interrupts on, no lock held */
void file_sync(void);

/* ---- checks/ ---- */

/*
 * prober.c: what SYS_CHECK does, in the thread that calls; on_system_call: what it does from now
 * on.
 */
int64_t check_system_call(uintptr_t argument);
void on_system_call(int64_t (*function)(uintptr_t argument));
void check_broken(void); /* checks.c: the check that runs, if any, has failed; ends the run */

/* ---- port.c ---- */

extern atomic_bool port_refuse_chunks; /* a check: salvo_port_chunk_alloc() returns NULL */
extern atomic_uint port_chunks_refused;
extern atomic_bool port_refuse_marks; /* marks=0, or a check: new spaces have none */
extern atomic_uint port_stalls;       /* stall reports printed */
extern atomic_bool
	port_expect_broken; /* a check: the next broken precondition clears this, no more */

/* port_stats_sum: a counter's sum over all CPUs, by its offset in struct salvo_stats. */
uint64_t port_stats_sum(size_t offset);
#define port_stat(name) port_stats_sum(offsetof(struct salvo_stats, name))

#endif
