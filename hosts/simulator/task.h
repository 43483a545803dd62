/* SPDX-License-Identifier: MIT */
/* task.h: what runs on a CPU, each in a fiber of its own; one of a CPU's tasks runs at a time. */
#ifndef SIMULATOR_TASK_H
#define SIMULATOR_TASK_H

#include "cpu.h"

void tasks_reset(void);

/* task_new: a task of a CPU, without a space a kernel thread, which borrows the one that is loaded.
 * It begins when the run does. => set-up */
struct task *task_new(
	unsigned cpu, struct space *space, void (*body)(struct task *), uint64_t argument);

/* tasks_begin: CPUs that have tasks get their first event. => set-up */
void tasks_begin(void);

/* task_stack_for_idle: a CPU without a task that is interrupted needs a stack. */
void task_stack_for_idle(unsigned cpu);

/* task_pause: another task of the CPU goes on here, if the time slice is over. */
void task_pause(void);

/* task_sleep: until task_wake. */
void task_sleep(void);
void task_wake(struct task *task);

#endif
