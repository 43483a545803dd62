/* SPDX-License-Identifier: MIT */
/*
 * clock.h: simulated time, in picoseconds. One CPU runs at a time; it goes on until its time is
 * past that of another CPU's next event, and lets that one run before it touches what they share.
 *
 * An event is one resumption of a CPU by the clock.
 */
#ifndef SIMULATOR_CLOCK_H
#define SIMULATOR_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_NEVER    (UINT64_MAX >> 12)
#define CLOCK_NS       ((uint64_t)1000)
#define CLOCK_SECOND   ((uint64_t)1000000000000)
#define CLOCK_NOBODY   (~0u)
#define CLOCK_CPUS_MAX 4096

extern uint64_t clock_now;     /* the running CPU's time */
extern uint64_t clock_horizon; /* when it must look: another CPU's event, or an interrupt to take */
extern unsigned clock_cpu;     /* the running CPU; outside clock_run: the one that is set up */
extern bool clock_running;     /* false while the machine is set up: nothing costs anything */
extern uint64_t clock_events;

/* charge: the running CPU has been busy for so long. */
static inline void
charge(uint64_t time)
{
	clock_now += time;
}

/* clock_begin: this CPU has an event at that time; it begins on that stack. */
void clock_begin(unsigned cpu, uint64_t time, void *stack_pointer);

/* clock_wait: let others run until `until`, or for ever (CLOCK_NEVER) unless somebody calls
 * clock_wake. */
void clock_wait(uint64_t until);

/* clock_wake: the CPU, which is in clock_wait, goes on at that time unless it does so earlier. */
void clock_wake(unsigned cpu, uint64_t time);

/* clock_next: when the next event of another CPU is. */
uint64_t clock_next(void);

/*
 * clock_run: up to the first event at or after `deadline`, or until clock_stop is called; may be called
 * again. Returns false if nobody has an event: all wait for each other.
 */
bool clock_run(uint64_t deadline);
void clock_stop(void);

/* clock_reset: no CPU has an event. */
void clock_reset(void);

#endif
