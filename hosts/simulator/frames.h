/* SPDX-License-Identifier: MIT */
/*
 * frames.h: page frames: their nodes' free lists and LRU lists, and a struct of a line for each, as
 * Linux's struct page.
 */
#ifndef SIMULATOR_FRAMES_H
#define SIMULATOR_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "salvo_port.h"

#include "lock.h"

enum { FRAME_USERS = 6, NO_FILE = 0 };

struct frame {
	SALVO_CACHE_ALIGNED struct salvo_word mapped; /* entries that map it */
	uint32_t next, previous;                      /* in a list; 0: none */
	uint32_t file;       /* and one more; NO_FILE: memory of one space */
	uint32_t index;      /* in the file */
	struct space *space; /* of one without a file: where it is mapped */
	uintptr_t address;
	bool in_use, dirty, referenced, held;
	uint8_t node;
	uint8_t user_count; /* CPUs that have had it in their TLB; more than FRAME_USERS: many */
	uint16_t users[FRAME_USERS];
	uint32_t incarnation; /* another one whenever it is freed */
};

/* A list of frames, the newest first. */
struct frame_list {
	uint32_t first, last;
	uint64_t count;
};

/* A node's memory. */
struct node {
	SALVO_CACHE_ALIGNED struct lock zone; /* the free list */
	SALVO_CACHE_ALIGNED struct salvo_word free_count;
	SALVO_CACHE_ALIGNED struct lock lru; /* both lists */
	struct frame_list free;
	struct frame_list inactive;
	uint64_t frames, least, low, high; /* watermarks */
	struct task *kswapd;
};

extern struct node *nodes;
extern uint64_t frames_freed;

/* frames_reset: a machine with so many frames on each node; 0: none there. */
void frames_reset(const uint64_t *per_node);

struct frame *frame_of(uintptr_t number);
uintptr_t frame_number(const struct frame *frame);

/* frame_take: a frame, near this CPU if there is one; NULL: reclaim first. */
struct frame *frame_take(void);

/* frame_give: nobody holds the frame any more; checks that no TLB does. */
void frame_give(struct frame *frame);

/* frames_are_all_there: each is in use, or free in one place. */
bool frames_are_all_there(void);

/* Lists. => whoever calls has the list's lock */
void frame_list_add(struct frame_list *list, struct frame *frame);
void frame_list_remove(struct frame_list *list, struct frame *frame);

#endif
