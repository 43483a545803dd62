// SPDX-License-Identifier: MIT
/*
 * sched.c: which thread runs where.
 *
 * One queue of ready threads and one lock for all CPUs. A CPU takes the first thread of the queue
 * that may run on it; a running thread gives way at the clock tick, when it sleeps, and when it
 * ends. The lock is held across the switch: the thread that goes takes it, the one that comes
 * drops it, so nobody can run a thread whose registers are not saved yet.
 */
#include "thread.h"

static struct spinlock sched_lock = SPINLOCK_IRQ("scheduler");
static struct thread *queue_head, **queue_end = &queue_head;
static struct thread *pool;
static size_t pool_count;
static uint64_t idle_cpus; /* bit n: CPU n idles and nobody has called it yet */
static uint64_t isolated;  /* bit n: CPU n runs bound threads alone; sched_lock */

void
sched_init(struct thread *threads, size_t count)
{
	pool = threads;
	pool_count = count;
}

/* call_cpu: let an idle CPU that may run the thread look at the queue. => sched_lock held */
static void
call_cpu(const struct thread *thread)
{
	uint64_t able = idle_cpus & (thread->cpu < 0 ? ~isolated : 1UL << thread->cpu);
	unsigned cpu;

	if (able == 0)
		return;
	cpu = (unsigned)__builtin_ctzl(able);
	if ((able & (1UL << cpu_number())) != 0)
		cpu = cpu_number();
	idle_cpus &= ~(1UL << cpu);
	atomic_store(&cpu_by_number(cpu)->resched, true);
	if (cpu != cpu_number())
		ipi_send_reschedule(cpu);
}

/* make_ready: to the end of the queue. => sched_lock held */
static void
make_ready(struct thread *thread)
{
	thread->state = THREAD_READY;
	thread->next = NULL;
	*queue_end = thread;
	queue_end = &thread->next;
}

/* may_run: on this CPU. => sched_lock held */
static bool
may_run(const struct thread *thread)
{
	if (thread->cpu < 0)
		return (isolated & 1UL << cpu_number()) == 0;
	return (unsigned)thread->cpu == cpu_number();
}

/* take_next: the first thread that may run on this CPU, or NULL. => sched_lock held */
static struct thread *
take_next(void)
{
	for (struct thread **link = &queue_head; *link != NULL; link = &(*link)->next) {
		struct thread *thread = *link;

		if (!may_run(thread))
			continue;
		*link = thread->next;
		if (queue_end == &thread->next)
			queue_end = link;
		return thread;
	}
	return NULL;
}

/*
 * switch_thread: run another thread, or idle, until somebody runs this one again.
 * => sched_lock held, and no other spinlock; the thread's state says what becomes of it
 */
static void
switch_thread(void)
{
	struct cpu *cpu = this_cpu();
	struct thread *from = cpu->current, *to = take_next();
	bool on = sched_lock.interrupts_were_on;

	if (from->preempt_off != 1)
		panic("%s: goes to sleep with a spinlock held", from->name);
	if (to == NULL)
		to = cpu->idle;
	atomic_store(&cpu->resched, false);
	if (to == cpu->idle)
		idle_cpus |= 1UL << cpu->number;
	else
		idle_cpus &= ~(1UL << cpu->number);
	to->state = THREAD_RUNNING;
	if (to == from)
		return;
	cpu->current = to;
	interrupt_stack_set(thread_stack_top(to));
	space_switch(thread_process(to));
	switch_stacks(&from->stack_pointer, to->stack_pointer);
	sched_lock.interrupts_were_on = on;
}

void
yield(void)
{
	struct thread *thread;

	spin_lock(&sched_lock);
	thread = current_thread();
	if (thread != this_cpu()->idle)
		make_ready(thread);
	switch_thread();
	spin_unlock(&sched_lock);
}

void
sleep_on(const void *channel, struct spinlock *lock)
{
	struct thread *thread = current_thread();

	/*
	 * Both locks are held for a moment, so that no wake-up falls between. The interrupt state
	 * that `lock` found becomes the one that sched_lock restores: it is dropped last.
	 */
	spin_lock(&sched_lock);
	if (lock->irq) {
		sched_lock.interrupts_were_on = lock->interrupts_were_on;
		lock->interrupts_were_on = false;
	}
	spin_unlock(lock);
	thread->channel = channel;
	thread->state = THREAD_SLEEPING;
	switch_thread();
	spin_unlock(&sched_lock);
	spin_lock(lock);
}

/* wake: => sched_lock held, the thread sleeps */
static void
wake(struct thread *thread)
{
	thread->channel = NULL;
	thread->wake_tick = 0;
	make_ready(thread);
	call_cpu(thread);
}

static void
wake_all_locked(const void *channel)
{
	for (size_t i = 0; i < pool_count; i++)
		if (pool[i].state == THREAD_SLEEPING && pool[i].channel == channel)
			wake(&pool[i]);
}

void
wake_all(const void *channel)
{
	spin_lock(&sched_lock);
	wake_all_locked(channel);
	spin_unlock(&sched_lock);
}

void
sleep_ticks(uint64_t ticks)
{
	struct thread *thread = current_thread();

	spin_lock(&sched_lock);
	thread->wake_tick = clock_ticks() + ticks + 1;
	thread->channel = &thread->wake_tick;
	thread->state = THREAD_SLEEPING;
	switch_thread();
	spin_unlock(&sched_lock);
}

void
sched_isolate(unsigned cpu)
{
	spin_lock(&sched_lock);
	isolated |= 1UL << cpu;
	spin_unlock(&sched_lock);
}

void
sched_ready(struct thread *thread)
{
	spin_lock(&sched_lock);
	make_ready(thread);
	call_cpu(thread);
	spin_unlock(&sched_lock);
}

/* sched_begin: drops the lock that the thread which ran before took, in switch_thread(). */
void
sched_begin(void)
{
	sched_lock.interrupts_were_on = true;
	spin_unlock(&sched_lock);
}

void
sched_exit(void)
{
	struct thread *thread = current_thread();

	spin_lock(&sched_lock);
	thread->state = THREAD_DONE;
	wake_all_locked(thread);
	switch_thread();
	panic("%s: a thread that has ended runs again", thread->name);
}

void
sched_collect(struct thread *thread)
{
	spin_lock(&sched_lock);
	while (thread->state != THREAD_DONE) {
		current_thread()->channel = thread;
		current_thread()->state = THREAD_SLEEPING;
		switch_thread();
	}
	spin_unlock(&sched_lock);
}

void
sched_cpu_start(struct thread *idle)
{
	struct cpu *cpu = this_cpu();

	idle->state = THREAD_RUNNING;
	cpu->idle = idle;
	interrupt_stack_set(thread_stack_top(idle));
}

void
sched_idle(void)
{
	for (;;) {
		yield();
		interrupts_disable();
		if (!atomic_load(&this_cpu()->resched))
			cpu_sleep();
		interrupts_restore(true);
	}
}

void
sched_tick(void)
{
	uint64_t now = clock_ticks();

	if (cpu_number() == 0) {
		spin_lock(&sched_lock);
		for (size_t i = 0; i < pool_count; i++)
			if (pool[i].state == THREAD_SLEEPING && pool[i].wake_tick != 0 &&
				pool[i].wake_tick <= now)
				wake(&pool[i]);
		spin_unlock(&sched_lock);
	}
	atomic_store(&this_cpu()->resched, true);
}
