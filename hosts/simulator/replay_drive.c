// SPDX-License-Identifier: MIT
/*
 * replay_drive.c: a recording drives simulated CPUs. Switches, lazy CPUs, requests and unmaps come
 * from it; whom to interrupt, and when, is the policy's to say, so what Linux did itself (batches
 * flushed at once, lazy CPUs made to let go) is not repeated but comes out again, or does not.
 *
 * The recorded times are those of the recorded machine. So what a policy saves or adds moves only
 * what the CPU itself does next, and the load is the same for all policies.
 */
#include <stdlib.h>

#include <salvo/salvo.h>

#include "clock.h"
#include "cpu.h"
#include "machine.h"
#include "message.h"
#include "policies/policy.h"
#include "replay.h"
#include "simulate.h"
#include "space.h"
#include "task.h"
#include "tlb.h"

enum {
	FRAMES = 64,        /* of a node: the machine must have some */
	PAGES_MAX = 1 << 9, /* that policy `page` flushes one by one: those of a table */
};

/* takes_more: the policy has more flushed together than Linux does. */
static bool
takes_more(const struct policy *chosen)
{
	return chosen->library && chosen->reclaim_groups > 1;
}

/*
 * Pages for which one thread makes requests one after the other, and which a policy that has more
 * than reclaim in one flush takes together: as many as Linux 6.1 has in hand at a time (a vector of
 * pages that are written back; pages isolated to be migrated).
 */
static const unsigned pages_together[CAUSES] = {[CAUSE_CLEAN] = 15, [CAUSE_MIGRATE] = 32};

const char *
replay_note(const struct policy *chosen)
{
	return takes_more(chosen)
		       ? "its caller is changed too, as the recorded kernel's was not: one "
			 "flush for several groups of reclaim, 15 pages written back, 32 "
			 "moved; batch is without"
		       : NULL;
}

#define BEGIN (CLOCK_NS * 1000) /* when the first event is */

/* A thread that changes entries of pages here and there, and has them flushed together. */
struct changer {
	bool open; /* it has changed some that are not flushed */
	unsigned pages, groups;
	struct flush_op op;
};

static const struct recording *recording;
static size_t *first_of_cpu, *next_of_cpu; /* events; `count` ends */
static struct space **spaces;              /* by number */
static bool *given_up;                     /* the same: they exit, or have */
static struct changer **changers;          /* by thread */
static unsigned running;                   /* CPUs that have events left */
static uint64_t refilled, ticks;

static void *
allocate(size_t count, size_t bytes)
{
	void *memory = calloc(count + 1, bytes);

	if (memory == NULL) {
		error("no memory for a replay");
		exit(STATUS_ERROR);
	}
	return memory;
}

/* ---- Requests ---- */

/* is_call: the request is made by a system call on a range. */
static bool
is_call(const struct trace_event *event)
{
	return event->cause == CAUSE_MUNMAP || event->cause == CAUSE_MADVISE ||
	       event->cause == CAUSE_PROTECT;
}

/* is_loaded: some CPU runs on the space, and not lazily. */
static bool
is_loaded(const struct space *space)
{
	for (unsigned c = 0; c < recording->trace.cpus; c++)
		if (cpus[c].loaded == space && !cpus[c].lazy)
			return true;
	return false;
}

/* library_flush: a gather for what a call changes, a table after the other; else at once. */
static void
library_flush(struct space *space, const struct trace_event *event)
{
	struct salvo_range range = {.start = event->start,
		.end = event->end,
		.stride_shift = event->stride_shift,
		.tables = event->tables};
	struct salvo_gather gather;

	if (range.tables || !is_call(event)) {
		salvo_flush_range(&space->salvo, &range);
		return;
	}
	salvo_gather_begin(&gather, &space->salvo, range.start, range.end);
	salvo_gather_cleared_range(&gather, range.start, range.end, range.stride_shift);
	salvo_gather_finish(&gather);
}

/* library_request: in the library's way, which gives a space up by destroying it. */
static void
library_request(struct space *space, const struct trace_event *event)
{
	uint64_t pages = (event->end - event->start) / PAGE_SIZE;

	if (given_up[event->space])
		salvo_space_destroy(&space->salvo);
	else if (event->end == UINT64_MAX)
		salvo_flush_space(&space->salvo, event->tables);
	else if (policy->pages_a_flush == 1 && pages <= PAGES_MAX && !event->tables)
		for (uint64_t i = 0; i < pages; i++)
			salvo_flush_page(&space->salvo, event->start + i * PAGE_SIZE);
	else
		library_flush(space, event);
}

/* policy_request: by the policy's hooks. */
static void
policy_request(struct space *space, const struct trace_event *event)
{
	bool freed =
		(is_call(event) && event->cause != CAUSE_PROTECT) || event->cause == CAUSE_EXIT;
	struct flush_op op = {.kind = freed ? FLUSH_UNMAP : FLUSH_PROTECT,
		.space = space,
		.start = event->start,
		.end = event->end,
		.tables = event->tables};

	policy->begin(&op);
	policy->cleared(&op, space, event->start, (event->end - event->start) / PAGE_SIZE);
	policy->finish(&op);
}

/* ---- Pages here and there ---- */

static void
change(const struct trace_event *event)
{
	struct changer **changer = &changers[event->thread];

	if (*changer == NULL)
		*changer = allocate(1, sizeof **changer);
	if (!(*changer)->open) {
		**changer = (struct changer){.open = true, .op = {.kind = FLUSH_RECLAIM}};
		policy->begin(&(*changer)->op);
	}
	(*changer)->pages++;
	policy->cleared(&(*changer)->op, spaces[event->space], event->start, 1);
}

static void
flush_changed(struct changer *changer)
{
	if (changer == NULL || !changer->open)
		return;
	policy->finish(&changer->op);
	changer->open = false;
}

/* end_group: the thread is about to free what it has unmapped, unless it goes on to unmap more. */
static void
end_group(const struct trace_event *event)
{
	struct changer *changer = changers[event->thread];

	if (changer != NULL && !(takes_more(policy) && event->goes_on &&
				       ++changer->groups < policy->reclaim_groups))
		flush_changed(changer);
}

static void
request(const struct trace_event *event)
{
	struct space *space = spaces[event->space];
	unsigned together = takes_more(policy) ? pages_together[event->cause] : 0;

	if (event->space == SPACE_KERNEL || event->cause == CAUSE_RECLAIM || given_up[event->space])
		return;
	given_up[event->space] = event->cause == CAUSE_EXIT && !is_loaded(space);
	if (event->end - event->start == PAGE_SIZE && together != 0) {
		change(event);
		if (!event->goes_on || changers[event->thread]->pages >= together)
			flush_changed(changers[event->thread]);
	} else if (policy->library) {
		library_request(space, event);
	} else {
		policy_request(space, event);
	}
}

/* ---- CPUs ---- */

/* load: a CPU that comes late, because of its flushes, finds that a space is gone. */
static void
load(uint64_t space)
{
	if (space == SPACE_KERNEL || given_up[space])
		space_borrow();
	else
		space_enter(spaces[space]);
}

static void
act(const struct trace_event *event)
{
	switch (event->kind) {
	case TRACE_SWITCH:
		load(event->space);
		break;
	case TRACE_LAZY:
		space_borrow();
		break;
	case TRACE_REQUEST:
		request(event);
		break;
	case TRACE_UNMAP:
		if (event->space != SPACE_KERNEL && !given_up[event->space])
			change(event);
		break;
	case TRACE_BATCH:
		if (!takes_more(policy))
			flush_changed(changers[event->thread]);
		break;
	case TRACE_RECLAIM_END:
		end_group(event);
		break;
	default:
		break;
	}
}

/* pass: the time until then is the recorded load's; a user's begins with what flushes took. */
static void
pass(uint64_t until)
{
	bool user = cpu_self()->loaded != NULL && !cpu_self()->lazy;

	if (user) {
		uint64_t refill = tlb_refill();

		refilled += refill;
		charge(refill);
	}
	cpu_enter(user ? USER : IDLE);
	while (clock_now < until)
		cpu_sleep(until);
	cpu_look();
	cpu_enter(CALL);
}

static void
body(struct task *task)
{
	const struct trace *trace = &recording->trace;
	size_t next = first_of_cpu[task->cpu];

	cpu_enter(CALL);
	load(recording->first_space[task->cpu]);
	for (; next != trace->count; next = next_of_cpu[next]) {
		const struct trace_event *event = &trace->events[next];

		pass(BEGIN + (event->time_ns - trace->events[0].time_ns) * CLOCK_NS);
		act(event);
	}
	cpu_enter(IDLE);
	if (--running == 0)
		clock_stop();
}

/* ---- The whole of it ---- */

/* tick: comes whatever the policy is: only what that does then is its cost. */
static void
tick(unsigned cpu)
{
	ticks++;
	policy->tick(cpu);
}

/* link_events: those of each CPU. */
static void
link_events(const struct trace *trace)
{
	size_t *last = allocate(trace->cpus, sizeof *last);

	for (unsigned c = 0; c < trace->cpus; c++)
		first_of_cpu[c] = last[c] = trace->count;
	for (size_t i = 0; i < trace->count; i++) {
		unsigned c = trace->events[i].cpu;

		if (last[c] == trace->count)
			first_of_cpu[c] = i;
		else
			next_of_cpu[last[c]] = i;
		next_of_cpu[i] = trace->count;
		last[c] = i;
	}
	free(last);
}

static void
set_up(const struct policy *chosen)
{
	const struct trace *trace = &recording->trace;

	first_of_cpu = allocate(trace->cpus, sizeof *first_of_cpu);
	next_of_cpu = allocate(trace->count, sizeof *next_of_cpu);
	spaces = allocate(recording->spaces + 1, sizeof(struct space *));
	given_up = allocate(recording->spaces + 1, sizeof *given_up);
	changers = allocate(recording->threads, sizeof(struct changer *));
	refilled = ticks = 0;
	link_events(trace);
	simulate_reset(chosen, FRAMES);
	if (cpu_tick != NULL)
		cpu_tick = tick;
	for (unsigned i = 1; i <= recording->spaces; i++)
		spaces[i] = space_new();
	running = trace->cpus;
	for (unsigned c = 0; c < trace->cpus; c++)
		task_new(c, NULL, body, 0);
	tasks_begin();
}

static void
tear_down(void)
{
	for (unsigned i = 0; i < recording->threads; i++)
		free(changers[i]);
	free(changers);
	free(given_up);
	free(spaces);
	free(next_of_cpu);
	free(first_of_cpu);
}

void
replay_drive(
	const struct recording *what, const struct policy *chosen, struct replay_result *result)
{
	recording = what;
	set_up(chosen);
	if (!clock_run(CLOCK_NEVER)) {
		error("policy %s: every simulated CPU waits for another one", chosen->name);
		exit(STATUS_WRONG);
	}
	*result = (struct replay_result){.policy = chosen, .spent = refilled};
	for (unsigned c = 0; c < machine.cpus; c++) {
		const struct cpu_counts *counts = &cpus[c].counts;

		result->interrupts += counts->sent;
		result->waited += counts->spent[WAIT];
		result->spent += counts->spent[CALL] + counts->spent[LOCK] + counts->spent[FLUSH] +
				 counts->spent[WAIT] + counts->spent[INTERRUPT];
	}
	result->spent -= ticks * machine.interrupt.entry;
	tear_down();
}
