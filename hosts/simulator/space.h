/* SPDX-License-Identifier: MIT */
/*
 * space.h: address spaces and their page tables, and files that they map. Page tables are real
 * memory: the library walks them.
 */
#ifndef SIMULATOR_SPACE_H
#define SIMULATOR_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "salvo_port.h"

#include "lock.h"

#define PAGE_SIZE   ((uintptr_t)4096)
#define TABLE_FIRST ((uintptr_t)1 << 30) /* frames from this number on hold tables */

struct frame;

/* A file, mapped from its beginning at `address` of each space that maps it. */
struct file {
	SALVO_CACHE_ALIGNED struct lock tree;                /* its pages in memory */
	SALVO_CACHE_ALIGNED struct salvo_word areas_readers; /* of what follows */
	unsigned area_count;
	struct space **areas;
	uintptr_t address;
	uint64_t pages;
	uint32_t *frames; /* 0: not in memory */
	uint32_t number;  /* and one more */
};

struct space {
	struct salvo_space salvo;
	/* of policies with a protocol of their own */
	SALVO_CACHE_ALIGNED struct salvo_word gen; /* flushes asked for */
	SALVO_CACHE_ALIGNED struct salvo_shared_cpuset cpus;
	SALVO_CACHE_ALIGNED struct salvo_word area_lock; /* readers of it: faults, zaps */
	struct salvo_word pins;
	SALVO_CACHE_ALIGNED struct salvo_word changing; /* unmaps and protects under way */
	uint32_t number;                                /* from 1 */
};

extern struct salvo_machine *salvo_machine_here;

void spaces_reset(void);
struct space *space_new(void);

/* file_new: mapped by up to `areas` spaces, see file_map. */
struct file *file_new(uint64_t pages, uintptr_t address, unsigned areas);
void file_map(struct file *file, struct space *space);
struct file *file_of(uint32_t number);

/* space_enter: the running CPU's user code is this space's from now on. */
void space_enter(struct space *space);

/* space_borrow: the running CPU runs kernel code from now on, in whatever space is loaded. */
void space_borrow(void);

/* ---- Page tables ---- */

/* space_entry: where the leaf table has an address; makes tables if asked. NULL: no table. */
struct salvo_word *space_entry(
	const struct space *space, uintptr_t address, bool make, uintptr_t *table);

/* space_upper_entry: the entry that leads to the leaf table of an address; NULL: no table above. */
struct salvo_word *space_upper_entry(
	const struct space *space, uintptr_t address, uintptr_t *table);
struct lock *table_lock(uintptr_t table);
struct salvo_word *table_mark(uintptr_t table);
struct salvo_word *table_entries(uintptr_t table);
void table_give(uintptr_t table);

/* space_map: => the table's lock is held, the entry is empty */
void space_map(struct salvo_word *entry, struct frame *frame, salvo_pte bits);

#endif
