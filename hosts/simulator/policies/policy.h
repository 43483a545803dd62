/* SPDX-License-Identifier: MIT */
/*
 * policy.h: a way to make CPUs forget. A policy that is the library's lets its operations run as
 * they are; another one has a protocol of its own, on the machine's primitives: CPU sets,
 * interrupts, flushes here. Both can be driven step by step, as a replay does.
 */
#ifndef SIMULATOR_POLICY_H
#define SIMULATOR_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <salvo/salvo.h>

struct frame;
struct space;

enum flush_kind { FLUSH_UNMAP, FLUSH_PROTECT, FLUSH_RECLAIM };

enum { OP_PAGES = 64 };

/* An operation that changes entries and then has them flushed. */
struct flush_op {
	enum flush_kind kind;
	struct space *space; /* NULL: of many (FLUSH_RECLAIM) */
	uintptr_t start, end;
	bool tables; /* page tables are freed */
	bool all;    /* all of the space is flushed, and lazy CPUs are called, as if they were */

	uintptr_t frame; /* that `cleared` is about; 0: not known */

	/* What the policy remembers between begin and finish, besides `start` and `end`. */
	unsigned pages;
	struct salvo_cpuset cpus;
	unsigned noted_count; /* more than OP_PAGES: not all are noted */
	struct noted_page {
		struct space *space;
		uintptr_t address;
	} noted[OP_PAGES];
	union {
		struct salvo_gather gather;
		struct salvo_batch batch;
	};
};

struct policy {
	const char *name;
	const char *source;      /* where it comes from, in one line */
	bool library;            /* salvo's own operations are used */
	const char *explorer;    /* its programs that judge the protocol; NULL: none does */
	unsigned pages_a_flush;  /* 0: as many as there are */
	unsigned reclaim_groups; /* groups of pages that one flush covers */
	bool clean_writes_pass;  /* reclaim takes two phases */
	bool looks_for_others;   /* two operations at once each flush everything, as since 4.14 */
	bool unmarked;           /* page tables have no words for the library's marks */

	/* Before the first entry is changed. */
	void (*begin)(struct flush_op *op);
	/* `pages` entries from `address` were changed; their table's lock is held. */
	void (*cleared)(struct flush_op *op, struct space *space, uintptr_t address, size_t pages);
	/* Before anything is freed or written out; no lock is held. */
	void (*finish)(struct flush_op *op);
	/* After finish: whether the policy frees this page later by itself; NULL: none. */
	bool (*hold)(struct frame *frame);
	/* A page that the space held before and gets again; NULL: none. The hook may be NULL. */
	struct frame *(*recycle)(struct space *space);
	/* The CPU, which is the running one, has another space loaded; from may be NULL. */
	void (*switched)(unsigned cpu, struct space *from, struct space *to);
	void (*lazy)(unsigned cpu, bool lazy);
	void (*interrupted)(void);
	void (*tick)(unsigned cpu); /* may be NULL */
	void (*reset)(void);        /* before a run; may be NULL */
};

extern const struct policy *policy;
extern const struct policy *const policies[];

/* policy_find: NULL: there is none of that name. */
const struct policy *policy_find(const char *name);

/* library.c: the library behind the hooks. */
void library_begin(struct flush_op *op);
void library_cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages);
void library_finish(struct flush_op *op);
void library_switched(unsigned cpu, struct space *from, struct space *to);
void library_lazy(unsigned cpu, bool lazy);

#define POLICY_OF_LIBRARY                                                                          \
	.library = true, .explorer = "the library's programs", .begin = library_begin,             \
	.cleared = library_cleared, .finish = library_finish, .switched = library_switched,        \
	.lazy = library_lazy, .interrupted = salvo_interrupt

#endif
