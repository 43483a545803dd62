/* SPDX-License-Identifier: MIT */
/*
 * host.h: a kernel in small over the software MMU: CPUs, pages, one file, spaces with a few areas,
 * and the system calls that the storm makes. Whatever it does not check itself, mmu.h's oracles do.
 *
 * Locks, outermost first: area, page, file, table. A CPU that waits for one serves (salvo_serve),
 * so any of them may be held across a flush. Interrupts are taken where host_poll is called, and
 * where they are turned on.
 */
#ifndef HOST_H
#define HOST_H

#include <salvo/salvo.h>
#include <salvo/arch.h>
#include <mmu.h>

#define HOST_SPACES     6
#define HOST_AREAS      3
#define HOST_FILE_PAGES 32
#define HOST_FILE_AREAS (HOST_SPACES * HOST_AREAS)
#define HOST_PAGE       ((uintptr_t)1 << SALVO_ARCH_PAGE_SHIFT)

struct host_lock {
	struct salvo_word held;
};

struct host_cpu {
	struct salvo_cpu salvo;
	struct salvo_word interrupted; /* set by whoever interrupts, cleared by this CPU */
	bool irqs_off;                 /* these are this CPU's alone */
	bool reclaiming;
	bool hasty; /* it finishes changes of areas without waiting, where that is possible */
	struct host_space *space;
};

/*
 * A stretch of a space: of the file's pages, or of pages of its own. Guarded by its lock. It is
 * mapped at [start, end), which never change, or where host_move has brought it: `offset` beyond.
 * While it moves the reverse map looks there first, then at `next`; both change with the file's
 * lock held too.
 */
struct host_area {
	struct host_lock lock;
	struct host_space *space;
	uintptr_t start;
	uintptr_t end;
	struct salvo_word offset;
	struct salvo_word next;
	bool mapped;
	bool file;
	unsigned rights;
	struct salvo_word mark;        /* salvo's */
	struct salvo_late_gather late; /* of a change that nobody waits for, with the lock held */
	uintptr_t late_start;
	uintptr_t late_end;
};

struct host_space {
	struct salvo_space salvo;
	struct salvo_word users; /* threads that may use it; the last one out destroys it */
	struct salvo_word pins;  /* who needs the structure; 0: it is free */
	struct host_area areas[HOST_AREAS];
};

struct host_file_page {
	struct host_lock lock;
	struct salvo_word frame; /* 0: not in memory. Changed with the lock held */
	uintptr_t disk;          /* what has been written out; the lock guards it */
};

struct host_file {
	struct host_lock lock; /* the list of areas */
	struct host_area *areas[HOST_FILE_AREAS];
	struct host_file_page pages[HOST_FILE_PAGES];
};

/* What a frame holds that is mapped. */
struct host_page {
	struct salvo_word refs;
	struct salvo_word mapped; /* entries that map it */
	struct salvo_word dirty;
	uintptr_t index; /* in the file, and one more; 0: of no file */
};

/* Moments that a test may look at, or use to let another CPU run. NULL in the storm. */
enum host_event {
	HOST_INTERRUPT,        /* a: CPU */
	HOST_FREE_PAGE,        /* a: frame */
	HOST_FREE_TABLE,       /* a: frame */
	HOST_RMAP_REMOVE,      /* a: frame, b: count */
	HOST_RMAP_MOVE,        /* a: frame, b: the address that it had */
	HOST_PAGE_DIRTY,       /* a: frame */
	HOST_INVALIDATE_BEGIN, /* a: start, b: end */
	HOST_INVALIDATE_END,   /* the same */
	HOST_WALK,             /* a: frame of the table or page that host_gup is at */
	HOST_TRACE,            /* a: salvo's event, b: what it is about */
	HOST_RELAX,
};
extern void (*host_hook)(enum host_event event, uintptr_t a, uintptr_t b);

extern struct salvo_machine host_machine;
extern struct host_cpu host_cpus[SALVO_MAX_CPUS];
extern unsigned host_count; /* of CPUs, since host_start */
extern struct host_space host_spaces[HOST_SPACES];
extern struct host_file host_file;
extern struct host_page host_pages[MMU_FRAMES];
extern struct salvo_word host_chunks_left; /* that salvo_port_chunk_alloc may hand out at once */
extern uint64_t (*host_clock)(void);

/* Where salvo_port_mark has its words; set before host_start. */
enum host_marks { HOST_NO_MARKS, HOST_TABLE_MARKS, HOST_AREA_MARKS };
extern enum host_marks host_marks;

/* ---- machine.c ---- */

/* host_start: a machine with so many CPUs, none of them online, and an empty file. */
void host_start(unsigned cpus, unsigned slots, unsigned ceiling, unsigned rules);
static inline struct host_cpu *
host_self(void)
{
	return &host_cpus[mmu_self];
}
void host_poll(void);
void host_lock(struct host_lock *lock);
bool host_try_lock(struct host_lock *lock);
void host_unlock(struct host_lock *lock);
struct host_lock *host_table_lock(uintptr_t frame);
void host_tell(enum host_event event, uintptr_t a, uintptr_t b);

/* ---- vm.c: pages and tables ---- */

uintptr_t host_page_new(void);
void host_page_put(uintptr_t frame);

/* host_table_new: an empty page table; its frame. */
uintptr_t host_table_new(void);

/* host_entry: where the leaf table has an address; makes tables if asked. NULL: no table. */
struct salvo_word *host_entry(salvo_root root, uintptr_t address, bool make, uintptr_t *table);

/* host_map: map a page, which gets one more reference and mapping. */
void host_map(struct host_space *space, uintptr_t address, uintptr_t frame, salvo_pte bits);
struct host_file_page *host_file_page_lock(uintptr_t index);

/* ---- gup.c ---- */

/* host_gup: the page that any space has there, found without a lock; held, or 0. */
uintptr_t host_gup(const struct host_space *space, uintptr_t address);

/* ---- space.c: spaces and their areas ---- */

struct host_space *host_space_new(void);
void host_space_free(struct host_space *space);
bool host_space_get(struct host_space *space);
void host_space_put(struct host_space *space);
void host_load(struct host_space *space);
void host_load_kernel(void);
bool host_fault(struct host_space *space, uintptr_t address, salvo_pte need);
void host_mmap(struct host_area *area, bool file, unsigned rights);
void host_munmap(struct host_area *area);

/* host_zap, host_migrate: a part of an area that is where it began, or as far beyond as it is now.
 */
void host_zap(struct host_area *area, uintptr_t start, uintptr_t end);
void host_protect(struct host_area *area, unsigned rights);
void host_track(struct host_area *area);

/* host_move: map all of it at its other place. */
#define HOST_MOVED ((uintptr_t)0x200000)
void host_move(struct host_area *area);

/* host_migrate: copy pages of the space's own to others. */
void host_migrate(struct host_area *area, uintptr_t start, uintptr_t end);

/* ---- writeback.c ---- */

/* host_reclaim, host_clean: these pages of the file, those that are in memory and not locked. */
void host_reclaim(const uintptr_t *indexes, size_t count);
void host_clean(const uintptr_t *indexes, size_t count);
void host_age(uintptr_t index);

/* host_kernel_remap: give a page of the kernel's part another frame. */
void host_kernel_remap(unsigned page);
#define HOST_KERNEL_PAGES 4

#endif
