/* SPDX-License-Identifier: MIT */
/*
 * explorer.h: what the explorer's files share.
 *
 * A state has three kinds of pieces. Shared memory is one, in two sections (EXPLORED, and what the
 * hardware walks, WALKED); and each CPU is one: struct cpu and the live part of its stack. What a
 * CPU does next depends on its own piece and on shared memory alone, never on another CPU's piece:
 * state.c relies on that. Everything else is constant while a program is explored.
 */
#ifndef EXPLORER_H
#define EXPLORER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "sections.h"

#define CPUS_MAX   SALVO_MAX_CPUS
#define SPACES_MAX 4 /* the last is the kernel's */
#define KERNEL     (SPACES_MAX - 1)
#define FRAMES_MAX 16
#define BOOKS_MAX  2
#define BUFFER_MAX 4 /* stores that a CPU can hold back */
#define STACK_SIZE 8192
#define WAYS_MAX   16 /* of one step to go: as many as a schedule can name */

/* ---- CPUs (cpu.c) ---- */

enum operation {
	OP_LOAD,
	OP_STORE,
	OP_UPDATE, /* an atomic read-modify-write */
	OP_FENCE,
	OP_SEND, /* interrupts to other CPUs */
	OP_FLUSH,
	OP_ROOT,   /* load a page-table root */
	OP_RELAX,  /* one turn of a loop that waits */
	OP_USER,   /* an access of user mode */
	OP_CHOICE, /* something that may turn out one way or another */
	OP_HOST,   /* something that the host does at once: frees a page, notes a promise */
	OP_DONE,
};

/* What a CPU will do when it goes on. */
struct pending {
	const void *what; /* the word, or a text */
	const char *file;
	int line;
	uint8_t operation;
	uint8_t choices; /* ways to do it */
};

struct held_store {
	struct salvo_word *word;
	uintptr_t value;
};

struct cpu {
	struct pending pending;
	bool irqs_off;
	uint8_t depth;   /* interrupt handlers that it is in */
	uint8_t held;    /* stores held back, oldest first */
	uint8_t phase;   /* calls of program.h that it has begun */
	uint16_t place;  /* where it was when it took the interrupt, see reduce.c */
	uint8_t request; /* the last generation that it took in this phase */
	uint8_t padding;
	struct held_store buffer[BUFFER_MAX];
};

/*
 * What others do to a CPU, a bit a CPU; and what it watches while it polls: a bit for each word (by
 * its address, so several may share one) that it has read since the last turn of its waiting loop.
 */
struct wires {
	uint8_t interrupted; /* an interrupt is waiting to be taken */
	uint8_t polling;     /* it has only read since the last turn */
	uint8_t woken;       /* and a word that it read has changed since it did */
	uint64_t watched[CPUS_MAX];
};

/* Switches from a CPU that could have gone on, where a search bounds them. */
enum { PREEMPTIONS_MAX = 20 };

enum command { GO_ON, TAKE_INTERRUPT, DRAIN };

extern struct wires wires;
extern struct salvo_cpu salvo_cpus[CPUS_MAX];
extern struct salvo_machine machine;
extern unsigned running;
extern bool tso;

struct program;
struct cpu *cpu_of(unsigned cpu);
void cpus_stop(void);
void cpus_set_up(const struct program *program);
void cpus_begin(unsigned count);
void cpu_do(unsigned cpu, enum command command, unsigned choice);
unsigned cpu_step(
	enum operation operation, const void *what, unsigned choices, const char *file, int line);
bool cpu_exploring(void);
unsigned cpus_there(void);
bool cpu_is_inside(void); /* a CPU, or set_up, goes on just now */
void cpu_leave(void);
void *cpu_piece(unsigned cpu, size_t *length);
void cpu_set_piece(unsigned cpu, const void *bytes, size_t length);

/* ---- Shared words (memory.c) ---- */

extern bool every_load; /* a CPU's load of what it alone writes is a step too */
extern bool every_turn; /* a loop that waits goes round though nothing has changed */

void memory_polls(void);
void memory_polls_no_more(void);
void memory_drain(struct cpu *cpu);
void memory_user_store(struct salvo_word *word, uintptr_t value);
uintptr_t memory_user_load(const struct salvo_word *word);

/* ---- One transition and what it was like (state.c) ---- */

/* step_is_visible: this step touches what oracles, or other CPUs without a word, look at. */
void step_is_visible(void);

/* step_touches_tlb: this step touches what oracles look at of one CPU alone: its TLB, and whether
 * it may touch user memory. */
void step_touches_tlb(unsigned cpu);

/* step_touches_interrupt: this step raises, takes or loses an interrupt of the CPU. */
void step_touches_interrupt(unsigned cpu);

/* step_touches: hardware writes this word, which software may read. */
void step_touches(const struct salvo_word *word);

/* step_is_impossible: the choice that was taken is not there. */
void step_is_impossible(void);

/* ---- Interrupts (port.c) ---- */

enum { UNLIMITED = 255 };

/* port_limit_interrupts: that more than so many are raised breaks oracle 7. */
void port_limit_interrupts(unsigned most);

/* ---- TLBs (tlb.c, oracles.c, describe.c) ---- */

void tlb_begin(void);
void tlb_changed(void);     /* a table or a TLB has changed: translations may be filled */
void tlb_own_changed(void); /* the running CPU may walk what it has not walked before */
void tlb_settle(void);      /* after a transition: fill them */
void tlb_check(void);       /* oracles 1, 3 and 5 */
void tlb_promise(unsigned space, unsigned page, bool absent, bool read_only);
void tlb_online(bool online);
void tlb_device(unsigned space, uintptr_t start, uintptr_t end, int by);
void tlb_forget_frame(unsigned frame); /* it is another owner's from now on */
enum { SPECULATE_CHOICES = 8 };
bool tlb_speculate(unsigned page, unsigned choice); /* false: hardware walked nowhere */
unsigned tlb_user_choices(void);
int tlb_user_access(unsigned page, bool store, unsigned choice);
void tlb_describe_changes(char *text, size_t size); /* since the last time */
size_t tlb_describe(char *text, size_t size, unsigned cpu);

/* ---- The host (host.c) ---- */

enum kind { FREE, TABLE, PAGE };

struct frame {
	uint8_t kind;
	bool dirty : 1;
	bool held : 1;     /* by reclaim, which will free it */
	bool file : 1;     /* what it holds outlives its mappings */
	bool unsaved : 1;  /* written since it was last written out */
	bool accessed : 1; /* by an entry that is gone */
	uint8_t mapped;    /* mappings left: the rmap */
	uint8_t where;     /* space and page of the last one; 0: not known */
	uint8_t refs;      /* mappings, those that are gone but not flushed too */
	uint8_t users;     /* CPUs that hardware has noted, where it does */
	uint8_t padding[2];
	struct salvo_word words[2]; /* of a table: entries. of a page: what it holds, and nothing */
};

extern struct frame frames[FRAMES_MAX];
extern struct salvo_space spaces[SPACES_MAX - 1];

struct salvo_space *space_of(unsigned space);

/* host_where: a number for a page of a space, for `where`. */
static inline uint8_t
host_where(unsigned space, unsigned page)
{
	return (uint8_t)(1 + space * 4 + page);
}

void new_machine(unsigned count);
void host_check(void);     /* that no memory is written which was given back */
void host_check_end(void); /* oracle 2, where everything is over */
const char *host_word_name(const void *word);
bool host_writes(const void *word);

bool late_is_used(void);
void late_check(void);     /* that no flush is written which is over */
void late_check_end(void); /* that each is over, where everything is */
bool late_name(char *text, size_t size, uintptr_t later);

/* ---- Policies of the simulator (policies/simulated.c) ---- */

bool simulated_is_used(void);

/* ---- What set_up alone writes (fixed.c) ---- */

void fixed_keep(void); /* it has run */
bool fixed_is_written(void);

/* ---- Failure (search.c) and what a schedule shows (trace.c) ---- */

void fail(int oracle, const char *format, ...) __attribute__((format(printf, 2, 3)));
extern bool failed;
extern bool crashed; /* and how: a CPU, or set_up, crashed */
void crash_catch(void);
extern bool tracing;
const char *trace_file(const char *path); /* without its folder */
void trace_stop(void); /* for debuggers: the step that comes is number trace_number */
void trace(unsigned cpu, enum command command, unsigned choice, const struct pending *pending);
void trace_value(const struct salvo_word *word, uintptr_t before, uintptr_t after);
void trace_sent(unsigned cpu);
void trace_call(unsigned cpu, unsigned phase, const char *name);
void trace_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- Programs (programs/, program.h) ---- */

struct program {
	const char *name;
	unsigned cpus;
	void (*set_up)(void);
	void (*interrupt)(void); /* NULL: the library's */
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
