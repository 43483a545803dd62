// SPDX-License-Identifier: MIT
/*
 * task.c: a small scheduler: the tasks of a CPU take turns by time slices; one that is woken goes on
 * at the next pause. A task whose body returns never goes on, and the run is over with the last one
 * that has a space.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "clock.h"
#include "cpu.h"
#include "lines.h"
#include "machine.h"
#include "message.h"
#include "space.h"
#include "task.h"

enum { STACK_BYTES = 128 * 1024 };

static unsigned users_left;

void fiber_switch(void **save, void *load);

/* ---- Stacks ---- */

static void *
new_stack(void)
{
	void *stack = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	/* The lowest page is a guard. */
	if (stack == MAP_FAILED || mprotect(stack, 4096, PROT_NONE) != 0) {
		error("no memory for the stack of a simulated CPU");
		exit(STATUS_ERROR);
	}
	return stack;
}

/* first_frame: what fiber_switch takes up to begin a function. */
static void *
first_frame(void *stack, void (*begin)(void))
{
	uintptr_t *top = (uintptr_t *)(void *)((char *)stack + STACK_BYTES) - 1;

	*--top = (uintptr_t)begin;
	return top - 6;
}

void
tasks_reset(void)
{
	users_left = 0;
}

/* ---- Turns ---- */

/* next_task: the next of the CPU's that can go on; NULL: none. `task` comes last. */
static struct task *
next_task(const struct cpu *cpu, struct task *task)
{
	struct task *at = task != NULL ? task->next : cpu->tasks;
	struct task *first = at;

	if (at == NULL)
		return NULL;
	do {
		if (!at->sleeping)
			return at;
		at = at->next;
	} while (at != first);
	return NULL;
}

static void
idle(void)
{
	for (;;)
		cpu_sleep(CLOCK_NEVER);
}

/* go_on: the task runs on this CPU, in its space. */
static void
go_on(struct task *task)
{
	struct cpu *self = cpu_self();

	self->task = task;
	task->slice_end = clock_now + machine.schedule.slice;
	cpu_enter(task->where);
	if (task->space == NULL)
		space_borrow();
	else
		space_enter(task->space);
}

static void
task_main(void)
{
	struct task *task = cpu_self()->task;

	cpu_self()->irqs_off = false;
	go_on(task);
	task->body(task);
	if (task->space != NULL && --users_left == 0)
		clock_stop();
	for (;;)
		task_sleep();
}

/* switch_to: leave this task, if it is not the same. */
static void
switch_to(struct task *to)
{
	struct cpu *self = cpu_self();
	struct task *from = self->task;

	self->resched = false;
	if (to == from) {
		to->slice_end = clock_now + machine.schedule.slice;
		return;
	}
	from->where = self->where;
	charge(machine.schedule.change);
	cpu_enter(self->where);
	self->task = to;
	fiber_switch(&from->stack_pointer, to->stack_pointer);
	go_on(from);
}

void
task_pause(void)
{
	struct cpu *self = cpu_self();

	if (clock_now >= self->task->slice_end || self->resched)
		switch_to(next_task(self, self->task));
}

/* task_sleep: while no task of the CPU can go on it is idle, on the stack of the last one. */
void
task_sleep(void)
{
	struct cpu *self = cpu_self();
	struct task *me = self->task, *next;
	enum where before;

	me->sleeping = true;
	next = next_task(self, me);
	if (next != NULL) {
		switch_to(next);
		return;
	}
	before = cpu_enter(IDLE);
	space_borrow();
	self->task = NULL;
	while ((next = next_task(self, me)) == NULL)
		cpu_sleep(CLOCK_NEVER);
	cpu_enter(before);
	self->task = me;
	if (next == me)
		go_on(me);
	else
		switch_to(next);
}

void
task_wake(struct task *task)
{
	struct cpu *cpu = &cpus[task->cpu];

	if (!task->sleeping)
		return;
	task->sleeping = false;
	cpu->resched = true;
	if (cpu->task == NULL)
		clock_wake(task->cpu,
			clock_now +
				machine.interrupt.deliver[machine_distance(clock_cpu, task->cpu)]);
}

/* ---- Beginning ---- */

struct task *
task_new(unsigned cpu, struct space *space, void (*body)(struct task *), uint64_t argument)
{
	struct task *task = lines_allocate(sizeof(*task), LINES_HOST);
	struct task **tasks = &cpus[cpu].tasks;

	*task = (struct task){.cpu = cpu, .space = space, .body = body, .argument = argument};
	task->where = space != NULL ? USER : RECLAIM;
	task->stack_pointer = first_frame(new_stack(), task_main);
	task->next = *tasks == NULL ? task : (*tasks)->next;
	if (*tasks == NULL)
		*tasks = task;
	else
		(*tasks)->next = task;
	users_left += space != NULL;
	return task;
}

void
tasks_begin(void)
{
	for (unsigned c = 0; c < machine.cpus; c++)
		if (cpus[c].tasks != NULL) {
			cpus[c].task = cpus[c].tasks;
			clock_begin(c, 0, cpus[c].task->stack_pointer);
		}
}

/* idle_main: a CPU that never had a task. */
static void
idle_main(void)
{
	cpu_self()->irqs_off = false;
	cpu_look();
	idle();
}

void
task_stack_for_idle(unsigned c)
{
	struct cpu *cpu = &cpus[c];

	if (cpu->tasks != NULL || cpu->has_idle_stack)
		return;
	cpu->has_idle_stack = true;
	cpu->irqs_off = false;
	clock_begin(c, cpu->arrival, first_frame(new_stack(), idle_main));
}
