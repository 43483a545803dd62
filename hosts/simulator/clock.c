// SPDX-License-Identifier: MIT
/*
 * clock.c: the events to come, in a heap: a time and the number of the CPU, in one word, so that
 * what happens at the same time happens in the order of CPUs, whatever the host does.
 */
#include <stdio.h>

#include "clock.h"
#include "message.h"

enum { CPU_BITS = 12, PROGRESS_EVENTS = 1 << 22 };

uint64_t clock_now;
uint64_t clock_horizon;
unsigned clock_cpu;
bool clock_running;
uint64_t clock_events;

static uint64_t heap[CLOCK_CPUS_MAX + 1]; /* from 1; each less than its children */
static unsigned places[CLOCK_CPUS_MAX];   /* where a CPU's event is; 0: nowhere */
static unsigned waiting;                  /* events in the heap */
static uint64_t began[CLOCK_CPUS_MAX];    /* when its wait did: it cannot end before */
static void *stack_pointers[CLOCK_CPUS_MAX];
static void *main_stack_pointer;
static uint64_t stop_at;
static bool stopped;

void fiber_switch(void **save, void *load);

static unsigned
cpu_of(uint64_t event)
{
	return (unsigned)event & (CLOCK_CPUS_MAX - 1);
}

static uint64_t
event_of(unsigned cpu, uint64_t time)
{
	return time << CPU_BITS | cpu;
}

static void
put(unsigned place, uint64_t event)
{
	heap[place] = event;
	places[cpu_of(event)] = place;
}

static void
sift_up(unsigned place, uint64_t event)
{
	for (; place > 1 && heap[place / 2] > event; place /= 2)
		put(place, heap[place / 2]);
	put(place, event);
}

static void
sift_down(unsigned place, uint64_t event)
{
	for (;;) {
		unsigned child = 2 * place;

		if (child < waiting && heap[child + 1] < heap[child])
			child++;
		if (child > waiting || heap[child] > event)
			break;
		put(place, heap[child]);
		place = child;
	}
	put(place, event);
}

/* take_first: the first event leaves the heap. => there is one */
static uint64_t
take_first(void)
{
	uint64_t first = heap[1];
	uint64_t last = heap[waiting--];

	places[cpu_of(first)] = 0;
	if (waiting != 0)
		sift_down(1, last);
	return first;
}

/* replace_first: the same, and another one comes in. */
static uint64_t
replace_first(uint64_t event)
{
	uint64_t first = heap[1];

	places[cpu_of(first)] = 0;
	sift_down(1, event);
	return first;
}

void
clock_wake(unsigned cpu, uint64_t time)
{
	uint64_t event;

	if (time < began[cpu])
		time = began[cpu];
	event = event_of(cpu, time);
	if (places[cpu] == 0)
		sift_up(++waiting, event);
	else if (heap[places[cpu]] > event)
		sift_up(places[cpu], event);
	if (clock_horizon > time)
		clock_horizon = time;
}

void
clock_begin(unsigned cpu, uint64_t time, void *stack_pointer)
{
	stack_pointers[cpu] = stack_pointer;
	began[cpu] = time;
	clock_wake(cpu, time);
}

uint64_t
clock_next(void)
{
	return waiting == 0 ? CLOCK_NEVER : heap[1] >> CPU_BITS;
}

/* ---- Going on ---- */

static void
leave(void **save)
{
	fiber_switch(save, main_stack_pointer);
}

/* go_to: the CPU of this event runs; the one that runs now has put its own in the heap. */
static void
go_to(uint64_t event, void **save)
{
	unsigned cpu = cpu_of(event);

	clock_now = event >> CPU_BITS;
	clock_horizon = clock_next();
	clock_events++;
	if (waiting != 0) /* who is likely to be next; of 4096 stacks few are in the host's cache */
		__builtin_prefetch(stack_pointers[cpu_of(heap[1])]);
	if (cpu != clock_cpu || save == &main_stack_pointer) {
		clock_cpu = cpu;
		fiber_switch(save, stack_pointers[cpu]);
	}
}

void
clock_wait(uint64_t until)
{
	void **save = &stack_pointers[clock_cpu];
	uint64_t event = event_of(clock_cpu, until);

	began[clock_cpu] = clock_now;
	if (until != CLOCK_NEVER && (waiting == 0 || event < heap[1])) {
		clock_now = until;
		clock_horizon = clock_next();
		clock_events++;
		if (stopped || until >= stop_at) {
			clock_wake(clock_cpu, until);
			leave(save);
		}
		return;
	}
	if (waiting == 0 || stopped || heap[1] >> CPU_BITS >= stop_at) {
		if (until != CLOCK_NEVER)
			clock_wake(clock_cpu, until);
		leave(save);
		return;
	}
	go_to(until == CLOCK_NEVER ? take_first() : replace_first(event), save);
}

void
clock_stop(void)
{
	stopped = true;
}

bool
clock_run(uint64_t deadline)
{
	stop_at = deadline;
	stopped = false;
	clock_running = true;
	while (waiting != 0 && !stopped && heap[1] >> CPU_BITS < stop_at)
		go_to(take_first(), &main_stack_pointer);
	clock_running = false;
	return stopped || waiting != 0;
}

void
clock_reset(void)
{
	waiting = 0;
	clock_now = 0;
	clock_events = 0;
	clock_horizon = CLOCK_NEVER;
	for (unsigned i = 0; i < CLOCK_CPUS_MAX; i++)
		places[i] = 0;
}
