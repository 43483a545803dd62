// SPDX-License-Identifier: MIT
/* thread.c: the pool of threads; how they begin, end, and are waited for. */
#include "thread.h"

#define SPARE_THREADS 16             /* beside two for each CPU */
#define STACK_MAGIC   0x6b63617473UL /* at a stack's lowest word, where nothing should ever get */

extern unsigned char boot_stack[KERNEL_STACK_BYTES]; /* boot.S */

static struct thread *threads;
static size_t thread_count;
static struct spinlock pool_lock = SPINLOCK("thread pool");

static void
stack_allocate(struct thread *thread)
{
	thread->stack = boot_alloc(KERNEL_STACK_BYTES);
	*(uint64_t *)thread->stack = STACK_MAGIC;
}

void
thread_init(void)
{
	thread_count = 2 * cpu_count() + SPARE_THREADS;
	threads = boot_alloc(thread_count * sizeof(struct thread));
	for (size_t i = 0; i < thread_count; i++)
		stack_allocate(&threads[i]);
	sched_init(threads, thread_count);
}

struct thread *
thread_for_idle(unsigned cpu)
{
	struct thread *thread = boot_alloc(sizeof(struct thread));

	stack_allocate(thread);
	thread->name = "idle";
	thread->cpu = (int)cpu;
	return thread;
}

struct thread *
thread_first(void)
{
	static struct thread thread = {.name = "idle", .stack = boot_stack};

	*(uint64_t *)boot_stack = STACK_MAGIC;
	return &thread;
}

uint64_t
thread_stack_top(const struct thread *thread)
{
	if (*(const uint64_t *)thread->stack != STACK_MAGIC)
		panic("%s: kernel stack overflow", thread->name);
	return (uint64_t)thread->stack + KERNEL_STACK_BYTES;
}

/* begin: where a new thread starts, on its own stack, with the scheduler's lock held. */
static void
begin(void)
{
	struct thread *thread = current_thread();

	sched_begin();
	if (thread->process != NULL)
		user_start(thread);
	thread->run(thread->argument);
	thread_exit();
}

/* take: a free thread, on whose stack switch_stacks() finds begin() to return to. */
static struct thread *
take(const char *name, int cpu)
{
	struct thread *thread = NULL;
	unsigned char *stack;
	uint64_t *top;

	spin_lock(&pool_lock);
	for (size_t i = 0; i < thread_count && thread == NULL; i++)
		if (threads[i].state == THREAD_FREE)
			thread = &threads[i];
	if (thread == NULL) {
		spin_unlock(&pool_lock);
		return NULL;
	}
	stack = thread->stack;
	*thread = (struct thread){.state = THREAD_SLEEPING, .stack = stack, .name = name};
	spin_unlock(&pool_lock);
	thread->cpu = cpu;
	thread->preempt_off = 1;
	top = (uint64_t *)thread_stack_top(thread);
	top[-2] = (uint64_t)begin;
	thread->stack_pointer = (uint64_t)&top[-8];
	return thread;
}

struct thread *
kernel_thread(const char *name, void (*run)(void *), void *argument, int cpu)
{
	struct thread *thread = take(name, cpu);

	if (thread == NULL)
		return NULL;
	thread->run = run;
	thread->argument = argument;
	sched_ready(thread);
	return thread;
}

struct thread *
user_thread(struct process *process, unsigned program, const uint64_t arguments[4], int cpu)
{
	uintptr_t stack = mm_map_anonymous(process_mm(process), USER_STACK_BYTES);
	struct thread *thread = stack == 0 ? NULL : take("user", cpu);

	if (thread == NULL)
		return NULL;
	thread->process = process;
	thread->user_stack = stack + USER_STACK_BYTES;
	thread->entry[0] = program;
	for (unsigned i = 0; i < 4; i++)
		thread->entry[1 + i] = arguments[i];
	sched_ready(thread);
	return thread;
}

bool
thread_done(const struct thread *thread)
{
	return thread->state == THREAD_DONE;
}

void
thread_wait(struct thread *thread, struct thread_result *result)
{
	sched_collect(thread);
	if (result != NULL)
		*result = thread->result;
	thread->state = THREAD_FREE;
}

void
thread_exit(void)
{
	sched_exit();
}

struct process *
thread_process(const struct thread *thread)
{
	return thread->process;
}
