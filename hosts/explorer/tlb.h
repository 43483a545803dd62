/* SPDX-License-Identifier: MIT */
/* tlb.h: what a TLB may hold, for those who look at it. See tlb.c, which alone changes it. */
#ifndef EXPLORER_TLB_H
#define EXPLORER_TLB_H

#include "explorer.h"

#define PAGES  4
#define UPPERS 2
#define SETS   (SALVO_MAX_SLOTS + 1)
#define GLOBAL SALVO_MAX_SLOTS /* the set of kernel mappings */

/* Leaves as bits: four a frame, by Write and Dirty. */
#define LEAF_BIT(frame, pte)     ((uint64_t)1 << ((frame)*4 + (((pte) >> 1) & 3)))
#define LEAVES_OF(leaves, frame) ((leaves) >> (frame)*4 & 15)
#define LEAF_WRITABLE            0xaaaaaaaaaaaaaaaau
#define LEAF_WRITABLE_DIRTY      0x8888888888888888u

struct entries {
	uint64_t leaf[PAGES];
	uint16_t upper[UPPERS]; /* frames of tables */
	uint8_t stale_leaf;     /* pages with an entry whose frame is another owner's by now */
	uint8_t stale_upper;
	uint8_t small;      /* pages with an entry that is not part of a huge leaf's */
	uint8_t absent : 4; /* pages whose absence it may hold */
	uint8_t stuck : 4;  /* pages whose accesses fault until a flush, as one has */
	uintptr_t root;     /* whose entries they are */
};

struct tlb {
	uintptr_t root; /* 0: none */
	uint32_t slot;
	uint32_t online; /* it may touch kernel memory whose mappings change */
	struct entries sets[SETS];
};

/* What operations have promised of a space's pages, until they are mapped again: a bit each. */
struct promises {
	uint8_t absent, read_only;
};

/*
 * A device with a TLB of its own, that walks the tables of space 0 at any time, but for the pages
 * that somebody is about to change: `open` counts who, by page.
 */
struct device {
	struct entries set;
	uint8_t open[PAGES];
	uint32_t padding;
};

extern struct tlb tlbs[CPUS_MAX];
extern struct device device;
extern bool has_device;
extern struct promises promises[SPACES_MAX];
extern bool break_before_make; /* two translations of a page at once are a failure */
extern bool track_accessed;    /* a fill and its Accessed bit go together */
extern bool track_users;       /* a fill and the note of the CPU at the page go together */
extern bool fault_forgets;     /* what a fault was taken for is forgotten */

/* tlb_forget_at: another CPU forgets a range of a space, and all tables. In a step of the caller's. */
void tlb_forget_at(unsigned cpu, salvo_root root, uintptr_t start, uintptr_t end);

#endif
