/* SPDX-License-Identifier: MIT */
/*
 * cpu.h: simulated CPUs: what runs on them, interrupts, and where their time goes.
 */
#ifndef SIMULATOR_CPU_H
#define SIMULATOR_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "salvo_port.h"

#include "clock.h"
#include "histogram.h"

/* Where a CPU's time goes. */
enum where { IDLE, USER, FAULT, CALL, RECLAIM, LOCK, FLUSH, WAIT, INTERRUPT, WHERES };

struct space;

struct task {
	unsigned cpu;
	bool sleeping;       /* until task_wake */
	enum where where;    /* its time goes, when it goes on */
	struct space *space; /* NULL: a kernel thread, which borrows the one that is loaded */
	void (*body)(struct task *task);
	uint64_t argument; /* the workload's */
	uint64_t slice_end;
	void *stack_pointer;
	struct task *next; /* of the same CPU, in a ring */
};

struct cpu_counts {
	uint64_t spent[WHERES];
	uint64_t kernel; /* of that, by tasks without a space */
	uint64_t stolen; /* by interrupts, from what ran */
	uint64_t interrupts, sent, refills;
	uint64_t pages, operations;
};

struct cpu {
	bool irqs_off;
	bool raised;      /* an interrupt is on its way or here */
	uint64_t arrival; /* when it is here */
	uint64_t next_tick;
	enum where where;
	uint64_t since;    /* when that began */
	uint64_t waited;   /* for other CPUs, since the run began */
	struct task *task; /* that runs; NULL: idle */
	struct task *tasks;
	struct space *loaded; /* as the host knows it */
	bool lazy;
	bool owes_flush;     /* it has answered, and flushes before it goes on with user code */
	bool resched;        /* a task was woken: it goes on at the next pause */
	bool has_idle_stack; /* without a task, and interrupted before */
	struct cpu_counts counts;
};

extern struct cpu *cpus;
extern struct histogram cpu_waits; /* of initiators, in nanoseconds */

/* What to do with an interrupt that arrives, and at each tick; a policy's. */
extern void (*cpu_handler)(void);
extern void (*cpu_tick)(unsigned cpu);

void cpus_reset(void);

static inline struct cpu *
cpu_self(void)
{
	return &cpus[clock_cpu];
}

/* cpu_look: others go first whose events are earlier; interrupts that are here are taken. */
void cpu_look(void);

/* cpu_sleep: let time pass, until then, or until clock_wake or an interrupt. */
void cpu_sleep(uint64_t until);

/* cpu_run: be busy for so long; what interrupts take comes on top. */
void cpu_run(uint64_t time);

uintptr_t cpu_irq_save(void);
void cpu_irq_restore(uintptr_t state);

/* cpu_interrupt: raise one at another CPU. Whoever sends pays for it by cpu_send. */
void cpu_interrupt(unsigned cpu);

/* cpu_send: raise one at each of these. => interrupts off */
void cpu_send(const struct salvo_cpuset *set);

/* cpu_enter: time from now on goes there; returns where it went. */
enum where cpu_enter(enum where where);

/* cpus_count_anew: forget what was counted. */
void cpus_count_anew(void);

/* cpus_settle: up to now. */
void cpus_settle(uint64_t now);
#endif
