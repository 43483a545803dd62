/* SPDX-License-Identifier: MIT */
/* thread.h: what a thread is; for lock.c, sched.c, thread.c, process.c and the trap code alone. */
#ifndef THREAD_H
#define THREAD_H

#include "kernel.h"

enum thread_state {
	THREAD_FREE,
	THREAD_READY,    /* in the run queue */
	THREAD_RUNNING,  /* on a CPU */
	THREAD_SLEEPING, /* on `channel`, or until `wake_tick` */
	THREAD_DONE,     /* to be waited for */
};

/* Fields without a remark are the thread's own, and its creator's before it first runs. */
struct thread {
	_Atomic enum thread_state state; /* scheduler's lock; thread_done() reads without */
	uint64_t stack_pointer;          /* scheduler's lock; while it does not run */
	unsigned char *stack;            /* constant: KERNEL_STACK_BYTES from here */
	const char *name;
	int cpu;                 /* the only one that it may run on, or -1 */
	unsigned preempt_off;    /* nesting of preempt_disable() and held spinlocks */
	struct process *process; /* NULL: a kernel thread */
	void (*run)(void *);
	void *argument;
	uint64_t entry[5];   /* of a user thread: program and arguments */
	uint64_t user_stack; /* of a user thread: its top */
	uint64_t recover;    /* where to go on after an unresolvable fault, or 0 */
	struct thread_result result;
	struct thread *next; /* run queue; scheduler's lock */
	const void *channel; /* scheduler's lock */
	uint64_t wake_tick;  /* 0: none; scheduler's lock */
};

/* sched.c */
void sched_init(struct thread *pool, size_t count); /* all threads but the idle ones */
void sched_cpu_start(struct thread *idle);          /* once on each CPU, interrupts off */
_Noreturn void sched_idle(void);                    /* what an idle thread does */
void sched_ready(struct thread *thread);            /* a new thread may run */
void sched_begin(void);                             /* the first thing that a new thread does */
_Noreturn void sched_exit(void);                    /* the last; wakes those on the thread itself */
void sched_collect(struct thread *thread);          /* sleeps until the thread is THREAD_DONE */
void sched_tick(void);                              /* clock interrupt of this CPU */

/* thread.c */
void thread_init(void);                       /* => once, boot_alloc() usable */
struct thread *thread_first(void);            /* what runs since boot; CPU 0's idle thread */
struct thread *thread_for_idle(unsigned cpu); /* => boot_alloc() usable */
uint64_t thread_stack_top(const struct thread *thread);

/* process.c */
bool process_add_progress(struct process *process, uint64_t count); /* true: please stop */

/* syscall.c: interrupts on; the result goes to rax. */
int64_t syscall(unsigned number, const uint64_t arguments[4]);

/* x86_64/ */
void interrupt_stack_set(uint64_t top); /* where traps from user mode go; interrupts off */
void cpu_sleep(void);                   /* until an interrupt; => off, on when it returns */
void switch_stacks(uint64_t *save, uint64_t load);
_Noreturn void user_start(const struct thread *thread);

#endif
