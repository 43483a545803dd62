/* SPDX-License-Identifier: MIT */
/*
 * explorer.h: what the explorer's files share.
 *
 * A state is all memory marked EXPLORED and the live part of each CPU's stack. A transition is one
 * step of a CPU, an interrupt or NMI that it takes, or a store that leaves its buffer; the hostile
 * TLB needs none of its own (tlb.c). Everything else is constant while a program is explored.
 */
#ifndef EXPLORER_H
#define EXPLORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <salvo/salvo.h>
#include <salvo/arch.h>

#define EXPLORED   __attribute__((section("explored")))

#define CPUS_MAX   SALVO_MAX_CPUS
#define SPACES_MAX 2
#define FRAMES_MAX 16
#define BUFFER_MAX 4 /* stores that a CPU can hold back */
#define STACK_SIZE 8192

/* ---- CPUs (cpu.c) ---- */

enum operation {
	OP_LOAD,
	OP_STORE,
	OP_UPDATE, /* an atomic read-modify-write */
	OP_FENCE,
	OP_SEND, /* interrupts to other CPUs */
	OP_FLUSH,
	OP_ROOT,  /* load a page-table root */
	OP_RELAX, /* one turn of a loop that waits */
	OP_USER,  /* user mode, for as long as it likes */
	OP_CHOICE,
	OP_FREE, /* a page or a table is given back */
	OP_NOTE, /* the program says something */
	OP_DONE,
};

/* What a CPU will do when it goes on. */
struct pending {
	enum operation operation;
	unsigned choices; /* ways to do it */
	const void *what; /* the word, or a text */
	const char *file;
	int line;
};

struct held_store {
	struct salvo_word *word;
	uintptr_t value;
};

struct cpu {
	struct pending pending;
	bool irqs_off;
	bool interrupted; /* an interrupt is waiting to be taken */
	bool nmi_left;    /* the program allows one NMI here */
	bool woken;       /* memory has changed since the last turn of its waiting loop */
	unsigned held;    /* stores held back, oldest first */
	struct held_store buffer[BUFFER_MAX];
};

/* Switches from a CPU that could have gone on, where a search bounds them. */
enum { PREEMPTIONS_MAX = 20 };

enum command { GO_ON, TAKE_INTERRUPT, TAKE_NMI, DRAIN };

extern struct cpu cpus[CPUS_MAX];
extern struct salvo_cpu salvo_cpus[CPUS_MAX];
extern struct salvo_machine machine;
extern unsigned running;
extern bool tso;

void exploring_stops(void);
void cpus_begin(unsigned count, void (*const bodies[])(void));
bool cpu_can(unsigned cpu, enum command command);
void cpu_do(unsigned cpu, enum command command, unsigned choice);
unsigned cpu_step(
	enum operation operation, const void *what, unsigned choices, const char *file, int line);
size_t cpu_stack(unsigned cpu, void **start);
void cpu_set_stack(unsigned cpu, const void *bytes, size_t length);

/* ---- TLBs (tlb.c) ---- */

void tlb_begin(void);
void tlb_changed(void); /* a table or a TLB has changed: translations may be filled */
void tlb_settle(void);  /* after a transition: fill them */
void tlb_check(void);   /* oracles 1, 3 and 5 */
void tlb_describe_changes(char *text, size_t size); /* since the last time */
void tlb_promise(unsigned space, unsigned page, bool absent, bool read_only);

/* ---- The host (host.c) ---- */

enum kind { FREE, TABLE, PAGE, BOOK };

struct frame {
	enum kind kind;
	bool dirty;
	bool held;       /* by reclaim, which will free it */
	bool file;       /* what it holds outlives its mappings */
	unsigned mapped; /* mappings left: the rmap */
	struct salvo_word words[8];
};

extern struct frame frames[FRAMES_MAX];
extern struct salvo_space spaces[SPACES_MAX];

void new_machine(unsigned count);
const char *host_word_name(const void *word);

/* ---- Failure (search.c) and what a schedule shows (trace.c) ---- */

void fail(int oracle, const char *format, ...) __attribute__((format(printf, 2, 3)));
extern bool failed;
extern bool tracing;
void trace(unsigned cpu, enum command command, unsigned choice, const struct pending *pending);
void trace_value(const struct salvo_word *word, uintptr_t before, uintptr_t after);
void trace_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- Programs (programs/, program.h) ---- */

struct program {
	const char *name;
	unsigned cpus;
	void (*set_up)(void);
	void (*bodies[CPUS_MAX])(void);
};

/* What programs/list.sh makes of a program's file. */
struct listing {
	const struct program *program; /* NULL ends the list */
	const char *expect;            /* as line 1 has it: "safe", "fails 1", ... */
	const char *file;
};

extern const struct listing programs[];

#endif
