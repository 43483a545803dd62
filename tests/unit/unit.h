/* SPDX-License-Identifier: MIT */
/*
 * unit.h: the threads host driven from one thread: a test says which CPU it is, and what the other
 * CPUs do while that one waits. race.c lets them run between any two accesses of the library.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <host.h>

#include <cmocka.h>

#define UNIT_EVENTS 256

#define PAGE(n)     ((uintptr_t)(n)*HOST_PAGE)

struct unit_event {
	enum host_event event;
	unsigned cpu;
	uintptr_t a;
	uintptr_t b;
};

/* What happened since unit_start. */
struct unit_log {
	unsigned violations[8]; /* by oracle */
	unsigned broken;        /* preconditions */
	unsigned stalls;
	struct salvo_stall stall; /* the last */
	unsigned relaxes;
	unsigned count;
	struct unit_event events[UNIT_EVENTS]; /* all but relaxing, walking and tracing */
};
extern struct unit_log unit_log;

/* The clock, which stands still, and how far it moves at each look. */
extern uint64_t unit_clock;
extern uint64_t unit_clock_step;

/* What happens when a CPU waits: by default every other CPU takes its interrupts. */
extern void (*unit_at_relax)(void);

/* Called before each access of the library to a shared word, and in walks of host_gup with NULL. */
extern void (*unit_at_step)(const struct salvo_word *word);

/*
 * unit_start: CPUs 0 to cpus - 1 online, interrupts on, on the kernel's space. The test is CPU 0.
 *    A whole flush is made beyond 8 leaves.
 */
void unit_start(unsigned cpus, unsigned slots, unsigned rules);

/* unit_on: be this CPU from now on; returns which one the test was. */
unsigned unit_on(unsigned cpu);

/* unit_space: a new space, loaded on these CPUs. */
struct host_space *unit_space(unsigned cpus);

/* unit_load, unit_lazy: on that CPU. */
void unit_load(unsigned cpu, struct host_space *space);
void unit_lazy(unsigned cpu, bool lazy);

/* unit_flush: that CPU flushes a page; unit_hold_irqs: its interrupts are off from now on, or on. */
void unit_flush(unsigned cpu, struct host_space *space, uintptr_t address);
void unit_hold_irqs(unsigned cpu, bool off);

/* unit_map: map a new page there; its frame. The only reference is the entry's. */
uintptr_t unit_map(struct host_space *space, uintptr_t address, salvo_pte bits);

/* unit_map_file: map a page of the file in the space's first area; its frame. */
uintptr_t unit_map_file(struct host_space *space, uintptr_t index, salvo_pte bits);

/*
 * unit_clear: clear the entry, as a host does that uses shootdown alone; its frame. The MMU lets
 * old entries be used until unit_cleared. unit_unmap: clear, flush and free the page.
 */
uintptr_t unit_clear(struct host_space *space, uintptr_t address);
void unit_cleared(struct host_space *space, uintptr_t address);
void unit_unmap(struct host_space *space, uintptr_t address);

/* unit_can_read, unit_can_write: whether that CPU can, without a fault handler. */
bool unit_can_read(unsigned cpu, uintptr_t address);
bool unit_can_write(unsigned cpu, uintptr_t address);

/* unit_pending: whether changes of the table that maps the address may not be flushed yet. */
bool unit_pending(struct host_space *space, uintptr_t address);

/* unit_others_poll: every other CPU takes its interrupts. */
void unit_others_poll(void);

/* unit_events: how many such events there were; unit_when: the place of the first, or UNIT_EVENTS.
 */
unsigned unit_events(enum host_event event);
unsigned unit_when(enum host_event event);

/* unit_stat: a counter of that CPU, by member name. */
#define unit_stat(number, name) salvo_atomic_load(&host_cpus[number].salvo.stats.name)

/* unit_clean: no violation, no broken precondition. */
void unit_assert_clean(void);

/* UNIT_RUN: all tests of a file, or those that match $UNIT_TEST. */
#define UNIT_RUN(tests)                                                                            \
	(cmocka_set_message_output(CM_OUTPUT_TAP), cmocka_set_test_filter(getenv("UNIT_TEST")),    \
		cmocka_run_group_tests(tests, NULL, NULL))

/* ---- race.c ---- */

/* What one CPU does, from start to end. It may not fail a test: it leaves results to `check`. */
struct race_actor {
	unsigned cpu;
	void (*run)(void);
};

/*
 * A race: `setup`, then the actors in every schedule with at most two switches at a step, and
 * further ones when an actor waits; `check` after each. While they run, hardware fills every TLB
 * with the addresses of `speculate` (ends with UINTPTR_MAX) before every step, and walks its
 * upper-level entries.
 */
struct race {
	void (*setup)(void);
	struct race_actor actors[2];
	void (*check)(void);
	const uintptr_t *speculate;
};

/* race_run: fails the test with the schedule, if one fails. */
void race_run(const struct race *race);

/* race_step: a step of an actor's own, between two instructions: interrupts are taken before it. */
void race_step(void);

/* race_expect: in `check`, and in actors: the schedule fails if it is false. */
#define race_expect(condition) race_expect_at(condition, #condition)
void race_expect_at(bool condition, const char *what);

#endif
