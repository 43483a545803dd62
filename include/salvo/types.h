/* SPDX-License-Identifier: MIT */
/*
 * types.h: the structures that a host embeds. Their members are salvo's own: a host sets those that
 * are marked "host", through the init functions, and reads the statistics.
 */
#ifndef SALVO_TYPES_H
#define SALVO_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <salvo/atomic.h>
#include <salvo/config.h>
#include <salvo/cpuset.h>
#include <salvo/stats.h>

#define SALVO_CACHE_ALIGNED __attribute__((aligned(SALVO_CACHE_LINE)))

/* What the CPU's root register takes: the physical address of the top page table. */
typedef uintptr_t salvo_root;

/* The value of a page-table entry of any level, in the CPU's own format. */
typedef uintptr_t salvo_pte;

/* What became of a call that can fail. Calls that return void cannot. */
enum salvo_status {
	SALVO_OK = 0,
	SALVO_SPLITS_LEAF, /* a huge leaf would have to be split, and was left as it is */
	SALVO_NO_TABLE,    /* a table is missing; what it would have held was left as it is */
};

/*
 * Addresses whose translations are to be forgotten: [start, end), in bytes; start == 0 and
 * end == UINTPTR_MAX mean all of the space.
 */
struct salvo_range {
	uintptr_t start;
	uintptr_t end;
	unsigned stride_shift; /* log2 of what its smallest leaf maps, which tells its level too */
	bool tables; /* page tables are freed: upper-level entries must go, lazy CPUs too */
};

/*
 * One remembered request. The tag is twice its generation, and one more while it is being written:
 * whoever claims the tag by compare-exchange is the only writer of the rest until it publishes.
 */
struct salvo_request {
	struct salvo_word tag;
	struct salvo_word start;
	struct salvo_word end;
	struct salvo_word kind; /* stride_shift times 2, and 1 for `tables` */
};

/* An address space, or the kernel's part that all spaces share. */
struct salvo_space {
	/* Read at every load, hardly ever written. */
	SALVO_CACHE_ALIGNED struct salvo_word
		id;              /* names it in slots; new when `gen` comes round */
	struct salvo_word dying; /* set once by salvo_space_destroy; lazy CPUs then unload */
	salvo_root root;         /* host */

	/* Written by initiators, read by CPUs that catch up. */
	SALVO_CACHE_ALIGNED struct salvo_word gen; /* flush requests made; anybody adds */
	struct salvo_request ring[SALVO_RING];     /* the last few requests, by generation */

	/* Written by initiators, read by those that wait. */
	SALVO_CACHE_ALIGNED struct salvo_word done; /* requests complete on every CPU */

	/* Initiators' alone. */
	SALVO_CACHE_ALIGNED struct salvo_word
		pending;         /* gathers and batches that may have cleared, but not flushed */
	struct salvo_word begun; /* numbers given out to leave in tables: mark.c */
	struct salvo_word quiet; /* those up to it are flushed; stored where `pending` gets 0 */
	struct salvo_word loose; /* the last request that no mark tells of */
	/* Others of the numbers that are flushed: n in n % SALVO_NOTES. */
	SALVO_CACHE_ALIGNED struct salvo_word flushed[SALVO_NOTES];

	/* CPUs that have it loaded, or are about to: each joins and leaves by itself. */
	SALVO_CACHE_ALIGNED struct salvo_shared_cpuset cpus;
};

/* What a CPU remembers of a space that it had loaded: private to that CPU. */
struct salvo_slot {
	uintptr_t id;   /* 0: free */
	uintptr_t seen; /* the generation it had flushed up to when it left */
};

/* A CPU. */
struct salvo_cpu {
	/* Requests made of this CPU: initiators add. */
	SALVO_CACHE_ALIGNED struct salvo_word asked;
	struct salvo_word later; /* flushes that wait for its answer: later.c */

	/* Written by this CPU, read by initiators. */
	SALVO_CACHE_ALIGNED struct salvo_word answered; /* tickets up to this are served */
	struct salvo_word lazy;        /* not touching user memory, though a space is loaded */
	struct salvo_word version;     /* odd while loaded_id and loaded_seen change together */
	struct salvo_word loaded_id;   /* identity of the loaded space */
	struct salvo_word loaded_seen; /* generation of it flushed up to */
	struct salvo_word kernel_seen; /* the same of the kernel's space */
	struct salvo_word walking; /* a space whose tables are walked without a lock: walker.c */

	/* Read and written by this CPU alone, with interrupts off. */
	SALVO_CACHE_ALIGNED struct salvo_space *loaded; /* never NULL once online */
	struct salvo_word user_access; /* read from NMI: user memory may be touched */
	unsigned slots;                /* host: address-space numbers in use; 1: untagged TLB */
	unsigned slot;                 /* the loaded space's */
	unsigned next_victim;          /* the slot to give up next */
	struct salvo_later *taken;     /* flushes that it carries on: later.c */
	bool holds_back;               /* their owners are not called back now: later.c */
	struct salvo_slot memory[SALVO_MAX_SLOTS];
	struct salvo_stats stats;
};

/* The machine: one of them. */
struct salvo_machine {
	struct salvo_word next_id;
	unsigned flush_ceiling;    /* host: leaves beyond which a whole flush is cheaper */
	uint64_t stall_ns;         /* host: a CPU that has not answered for so long is reported */
	struct salvo_space kernel; /* kernel mappings; its CPU set is the CPUs online */
};

/* No frame has this number. */
#define SALVO_NO_FRAME UINTPTR_MAX

/* Pages that follow each other in memory: `count` frames from number `frame`. */
struct salvo_run {
	uintptr_t frame;
	uint32_t count;
	uint32_t dirty; /* salvo_unmap's: 1 if they are to be marked dirty again after the flush */
};

/* The head of a page (or of inline room) full of runs. */
struct salvo_chunk {
	struct salvo_chunk *next;
	size_t capacity; /* runs that fit */
};

/* Runs waiting for a flush: inline room first, then pages lent by the host. */
struct salvo_pile {
	struct salvo_run *next;     /* where the next run goes, in the active chunk */
	struct salvo_run *end;      /* past that chunk's runs */
	struct salvo_chunk *active; /* those before it are full, those after it empty */
	size_t chunks;              /* pages held */
	struct salvo_chunk head;
	struct salvo_run room[SALVO_GATHER_INLINE]; /* head's runs */
};

/* What is to be complete before a flush of one or many spaces returns. */
struct salvo_target {
	struct salvo_space *space;
	uintptr_t gen;
	bool tables; /* page tables are freed: lazy CPUs are asked too, and `done` does not help */
	uintptr_t number; /* a batch's: left in the tables of the space that it changes; 0: none */
};

struct salvo_later;

/* salvo_later_over: what a flush does when it is over for which nobody waited. */
typedef void salvo_later_over(struct salvo_later *later);

/* A flush that nobody waits for. See later.c. */
struct salvo_later {
	struct salvo_target target;
	salvo_later_over *over;
	unsigned at;              /* the CPU that it waits for, or waited for last */
	uintptr_t ticket;         /* which that CPU is to answer */
	struct salvo_later *next; /* in the list of that CPU */
};

/* Cleared entries of one space, and what may be freed once they are flushed. See gather.c. */
struct salvo_gather {
	struct salvo_space *space;
	uintptr_t start; /* what the operation covers */
	uintptr_t end;
	bool dying;       /* no CPU can use the space any more: nothing to flush */
	bool blind;       /* no table with a mark was looked at: the space's is to be asked */
	bool met;         /* one was that another operation had changed and not flushed */
	bool changed;     /* entries were, since the table was locked or flushed */
	uintptr_t number; /* left in the tables that it changes; 0: none yet */
	struct salvo_range range; /* what was cleared since the last flush; empty: start == end */
	uintptr_t follows; /* the frame that extends the last run of pages, or SALVO_NO_FRAME */
	struct salvo_pile pages;
	struct salvo_pile tables;
	struct salvo_chunk *unrmap_chunk; /* the first page whose rmap is still to be removed */
	struct salvo_run *unrmap;
};

/* A gather whose finish does not wait. */
struct salvo_late_gather {
	struct salvo_later later;   /* where it stands */
	struct salvo_gather gather; /* host: begun and filled as any other */
	void (*over)(struct salvo_late_gather *late);
};

/* Entries cleared in many spaces that one flush will cover. See batch.c. */
struct salvo_batch {
	unsigned count;                                  /* spaces pinned */
	unsigned last;                                   /* the target that was wanted last */
	struct salvo_target targets[SALVO_BATCH_SPACES]; /* their generations, taken at the flush */
	struct salvo_cpuset *beyond; /* `others`, once there were more spaces; or NULL */
	struct salvo_cpuset others;  /* CPUs of spaces beyond those, read after the clears */
};

/* One place where a page is mapped, as an rmap walk finds it. */
struct salvo_mapping {
	struct salvo_space *space;
	uintptr_t address;
	unsigned stride_shift;    /* log2 of the bytes the leaf maps */
	uintptr_t table;          /* the frame of its table; for salvo_port_mark */
	struct salvo_word *entry; /* the leaf; its table's lock is held */
};

/* What is to stand at an address instead of `old`, an entry of this level: see salvo_replace. */
typedef salvo_pte salvo_replace_visit(
	uintptr_t address, salvo_pte old, unsigned level, void *context);

/* The huge leaf in place of a table of these entries, or 0: see salvo_collapse. */
typedef salvo_pte salvo_collapse_make(const struct salvo_word *entries, void *context);

/* A CPU that does not answer. */
struct salvo_stall {
	unsigned cpu;       /* the silent one */
	uintptr_t space_id; /* what is to be flushed; 0: several spaces */
	uintptr_t gen;
	uint64_t waited_ns; /* since the request, or since the last report of it */
};

/* What salvo_port_trace is told of; `a` and `b` are below, or 0. */
enum salvo_event {
	SALVO_EVENT_REQUEST,   /* a: space id, b: generation */
	SALVO_EVENT_INTERRUPT, /* a: CPU that is interrupted */
	SALVO_EVENT_SERVE,     /* a: ticket answered */
	SALVO_EVENT_LOAD,      /* a: space id, b: 1 if the TLB's entries of it were kept */
};

#endif
