/* SPDX-License-Identifier: MIT */
/*
 * trace.h: what a recording of a Linux kernel says of flushes: trace-cmd's trace.dat, as it is or
 * compressed by xz, as events in salvo's words.
 *
 * The tracepoints (tlb, vmscan, sched, exceptions, mmap, syscalls) name neither a space nor a set
 * of CPUs. Kernel probes do, which are known by the names of the probe and of its arguments,
 * whatever group they are in: tests/data/README.md says how to set them.
 */
#ifndef SIMULATOR_TRACE_H
#define SIMULATOR_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_kind {
	TRACE_NOTHING,
	/* what CPUs run */
	TRACE_SWITCH, /* the CPU runs on `space` from now on, not lazily; SPACE_KERNEL: on none */
	TRACE_LAZY,   /* the CPU runs a kernel thread, or idles, with `space` loaded */
	TRACE_UNLOAD, /* a lazy CPU lets go of its space: an interrupt, or sleep, made it */
	/* what is flushed */
	TRACE_REQUEST, /* entries of `space` in [start, end) were changed */
	TRACE_UNMAP, /* reclaim is about to clear the entry of one page: [start, end) of `space` */
	TRACE_BATCH, /* reclaim has the unmapped pages flushed that it has put off; `mask` */
	TRACE_SEND,  /* CPUs of `mask` are about to be interrupted for the request before it */
	TRACE_RECLAIM_BEGIN, /* reclaim has taken pages off a list */
	TRACE_RECLAIM_END,   /* reclaim is done with them */
	TRACE_EXIT,          /* the last mappings of `space` are gone; it will not be used again */
	/* what the hardware was told, by tlb:tlb_flush */
	TRACE_INTERRUPT,    /* this CPU was interrupted to flush; `pages` */
	TRACE_ROUND,        /* this CPU sends interrupts */
	TRACE_LOCAL,        /* this CPU flushes what it has asked of itself; `pages` */
	TRACE_SWITCH_FLUSH, /* this CPU flushed because it loaded a space */
	/* what threads do */
	TRACE_FAULT,   /* a page fault at `start` */
	TRACE_MUNMAP,  /* the thread is about to unmap [start, end) */
	TRACE_MADVISE, /* ... to give up what [start, end) holds */
	TRACE_PROTECT, /* ... to change the rights of [start, end) */
	TRACE_KINDS,
};

/* Why a request was made, as far as the recording tells. */
enum trace_cause {
	CAUSE_UNKNOWN,
	CAUSE_RECLAIM, /* of the TRACE_UNMAP before it, which Linux does not put off */
	CAUSE_MUNMAP,
	CAUSE_MADVISE,
	CAUSE_PROTECT,
	CAUSE_EXIT,  /* the space is given up */
	CAUSE_CLEAN, /* pages are written back: their entries lose Dirty and write permission */
	CAUSE_MIGRATE,
	CAUSES,
};

/* The kernel's own space; the others are addresses of structures, so never 0. */
#define SPACE_KERNEL 0

/* `pages` of a whole flush. */
#define PAGES_ALL UINT64_MAX

struct trace_event {
	uint64_t time_ns;
	uint32_t kind;
	uint32_t cpu;
	uint32_t thread;
	uint8_t stride_shift; /* requests: log2 of the bytes that an entry maps */
	bool tables;          /* requests: page tables are freed too */
	bool goes_on;  /* requests and ends of reclaim: the thread goes on with the same, at once */
	uint8_t cause; /* requests: enum trace_cause */
	uint64_t space; /* what names it: see recording.h */
	uint64_t start; /* an address */
	uint64_t end;   /* UINT64_MAX with start 0: all of the space */
	union {
		uint64_t mask;     /* CPUs 0 to 63 */
		uint64_t pages;    /* PAGES_ALL: a whole flush */
		uint64_t previous; /* TRACE_SWITCH: the space that was loaded */
	};
};

struct trace {
	struct trace_event *events; /* in the order of time */
	size_t count;
	unsigned cpus;
	size_t of_kind[TRACE_KINDS]; /* how many */
	uint64_t lost;               /* times that the recorder had dropped events */
	char damage[160];            /* why there is no more; empty: the file was read to its end */
};

/*
 * trace_read: never fails: what cannot be read is told in `damage`, what could is there.
 * => this process is small: the one that reads, its copy, may not grow to a gigabyte
 */
void trace_read(struct trace *trace, const char *path);
void trace_free(struct trace *trace);

#endif
