// SPDX-License-Identifier: MIT
/*
 * search.c: visits every state, nearest first, so that the first failure has the shortest schedule.
 * Going on from a state copies back what differs; nothing is run again.
 *
 * Edges are kept too: a CPU that polls never stops, so a lost wake-up shows only as a state from
 * which the end cannot be reached.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ahead.h"
#include "reduce.h"
#include "search.h"
#include "state.h"
#include "visited.h"

enum { CHAIN_MAX = 2000, KEY_MAX = CPUS_MAX + 2, SHORTENING_STATES = 3000000 };

/* Where a schedule has come to. In a search that bounds preemptions the last number is how many
 * there were, and of which CPU the last step was. */
struct position {
	piece key[KEY_MAX];
};

bool failed;
void (*search_report)(const struct search_progress *progress);

static char failure_text[200];
static int failure_oracle;
static unsigned cpu_count, width;
static int preemptions; /* the bound */

static uint64_t *edge_starts;
static uint32_t *edges;
static size_t edge_count;
static uint8_t *reaches;
static struct position replayed;

void
fail(int oracle, const char *format, ...)
{
	va_list args;

	if (failed)
		return;
	failed = true;
	failure_oracle = oracle;
	va_start(args, format);
	vsnprintf(failure_text, sizeof(failure_text), format, args);
	va_end(args);
}

const char *
search_failure(int *oracle)
{
	*oracle = failure_oracle;
	return failed ? failure_text : NULL;
}

/* reduces: orders are left out; a bound of preemptions has none that make no difference, and the
 * steps of a policy of the simulator touch more than they name. */
static bool
reduces(void)
{
	return reducing && preemptions == UNBOUNDED && !simulated_is_used();
}

/* ---- Transitions ---- */

/* preempt: false: the transition would preempt a CPU once too often. */
static bool
preempt(struct position *position, uint8_t via)
{
	piece *last = &position->key[1 + cpu_count];
	unsigned before = *last & 3, count = *last >> 2;

	if (preemptions == UNBOUNDED || via_command(via) == DRAIN)
		return true;
	if (before != via_cpu(via) && state_can(position->key, via_of(before, GO_ON, 0)))
		count++;
	*last = count << 2 | via_cpu(via);
	return count <= (unsigned)preemptions;
}

/* step: false: it failed, or is not possible. */
static bool
step(struct position *position, uint8_t via)
{
	struct transition transition;

	if (!preempt(position, via) || !state_take(position->key, via, &transition))
		return false;
	position->key[0] = transition.shared;
	position->key[1 + via_cpu(via)] = transition.local;
	return !transition.impossible;
}

/*
 * run_alone: take all transitions that need no other beside them. `steps` takes those that were
 * made, if it is not NULL; returns their number.
 */
static size_t
run_alone(struct position *position, unsigned first, uint8_t *steps)
{
	struct transition transition;
	uint8_t via;
	size_t n = 0;

	if (!reduces())
		return 0;
	for (; n < CHAIN_MAX && !failed &&
		reduce_only(position->key, cpu_count, first, &via, &transition);
		n++) {
		first = via_cpu(via);
		position->key[0] = transition.shared;
		position->key[1 + via_cpu(via)] = transition.local;
		if (steps != NULL)
			steps[n] = via;
	}
	if (failed && steps != NULL)
		steps[n++] = via;
	return n;
}

/* ---- Schedules ---- */

struct steps {
	uint8_t *vias;
	size_t count;
};

static void
add_steps(struct steps *steps, const uint8_t *vias_added, size_t count)
{
	steps->vias = realloc(steps->vias, steps->count + count + 1);
	memcpy(steps->vias + steps->count, vias_added, count);
	steps->count += count;
}

/*
 * keep_schedule: from the first state to `state`, and a transition more if last is not -1. Between
 * the states that were kept, what is taken alone is taken again.
 */
static void
keep_schedule(struct result *result, uint32_t state, int last)
{
	bool had_failed = failed;
	uint8_t chain[CHAIN_MAX + 1], *path;
	struct position position;
	struct steps steps = {NULL, 0};
	size_t n = 0;

	for (uint32_t s = state; s != 0; s = visited_parent(s))
		n++;
	path = malloc(n + 1);
	path[n] = (uint8_t)last;
	for (uint32_t s = state, i = (uint32_t)n; s != 0; s = visited_parent(s))
		path[--i] = visited_via(s);
	failed = false;
	position = replayed;
	add_steps(&steps, chain, run_alone(&position, 0, chain));
	for (size_t i = 0; i < n + (last >= 0); i++) {
		add_steps(&steps, &path[i], 1);
		if (step(&position, path[i]))
			add_steps(&steps, chain, run_alone(&position, via_cpu(path[i]), chain));
	}
	failed = had_failed;
	free(path);
	result->schedule = steps.vias;
	result->steps = steps.count;
}

/* ---- The search ---- */

static size_t
bytes_used(void)
{
	return state_bytes() + visited_bytes();
}

static void
open_stores(void)
{
	visited_open(width);
	edge_starts = store_reserve((STATES_MAX + 1) * sizeof(*edge_starts));
	edges = store_reserve(STATES_MAX * 16 * sizeof(*edges));
	reaches = store_reserve(STATES_MAX);
	edge_count = 0;
}

static void
close_stores(void)
{
	visited_close();
	store_release(edge_starts, (STATES_MAX + 1) * sizeof(*edge_starts));
	store_release(edges, STATES_MAX * 16 * sizeof(*edges));
	store_release(reaches, STATES_MAX);
}

/* expand_by: the transitions of some CPUs. False: one of them failed. */
static bool
expand_by(uint32_t state, const struct position *from, unsigned cpus, const uint8_t *list,
	unsigned count, struct result *result)
{
	for (unsigned i = 0; i < count; i++) {
		struct position to = *from;
		bool possible;

		if ((cpus >> via_cpu(list[i]) & 1) == 0)
			continue;
		possible = step(&to, list[i]);
		if (possible)
			result->transitions += 1 + run_alone(&to, via_cpu(list[i]), NULL);
		if (failed) {
			keep_schedule(result, state, list[i]);
			return false;
		}
		if (possible)
			edges[edge_count++] = visited_number(to.key, state, list[i]);
	}
	return true;
}

/*
 * expand: all transitions of a state, or of some CPUs where that will do; but if these lead to
 * nothing new, the others' too, lest they be put off for ever. False: one of them failed.
 */
static bool
expand(uint32_t state, struct result *result)
{
	const unsigned all = (1u << cpu_count) - 1;
	const size_t count_before = visited_count;
	struct position from = {.key = {0}};
	uint8_t list[CPUS_MAX * 18];
	unsigned n, cpus = all;

	memcpy(from.key, visited_key(state), width * sizeof(piece));
	n = state_possible(from.key, list);
	if (reduces())
		cpus = reduce_cpus(from.key, cpu_count, list, n);
	failed = crashed = false; /* if a transition did that was tried there, it does so again */
	if (!expand_by(state, &from, cpus, list, n, result) ||
		(visited_count == count_before &&
			!expand_by(state, &from, all & ~cpus, list, n, result)))
		return false;
	reaches[state] = state_is_end(from.key);
	if (reaches[state]) {
		result->ends++;
		state_restore(from.key);
		host_check_end();
		if (failed)
			keep_schedule(result, state, -1);
	}
	return !failed;
}

/*
 * find_reaching: from which states an end can be reached. It can from a state if it can from one
 * that follows: sweeps backwards until nothing changes.
 */
static void
find_reaching(void)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t s = visited_count; s-- > 0;) {
			for (uint64_t e = edge_starts[s]; !reaches[s] && e < edge_starts[s + 1];
				e++)
				if (reaches[edges[e]])
					reaches[s] = 1, more = true;
		}
	}
}

/* check_reaching: oracle 6. Where nobody can go on at all is easier to read than where it is only
 * too late. */
static void
check_reaching(struct result *result)
{
	size_t stuck = visited_count, late = visited_count;

	find_reaching();
	for (size_t s = visited_count; s-- > 0;)
		if (!reaches[s]) {
			late = s;
			if (edge_starts[s] == edge_starts[s + 1])
				stuck = s;
		}
	if (late == visited_count)
		return;
	keep_schedule(result, (uint32_t)(stuck < visited_count ? stuck : late), -1);
	if (stuck < visited_count)
		fail(6, "nobody can go on: each CPU waits");
	else
		fail(6, "from here the end can not be reached");
}

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
report_progress(size_t expanded, size_t depth, double start)
{
	struct search_progress progress = {
		.states = visited_count,
		.depth = depth,
		.frontier = visited_count - expanded,
		.bytes = bytes_used(),
		.seconds = cpu_seconds() - start,
	};

	if (search_report != NULL)
		search_report(&progress);
}

/*
 * visit_all: breadth first. A search that has learned something new stops soon after, to be made
 * anew: `patience` is how many states it may have by then.
 */
static void
visit_all(const struct bounds *bounds, struct result *result, size_t patience, double start)
{
	size_t s = 0, level_end = 1;

	for (; s < visited_count && result->complete; s++) {
		if (s == level_end) {
			result->depth++;
			level_end = visited_count;
		}
		edge_starts[s] = edge_count;
		if (!expand((uint32_t)s, result))
			break;
		if (reduces() && events_learned() && visited_count > patience)
			break;
		if (visited_count > bounds->states || visited_count > STATES_MAX - 256)
			result->complete = false;
		if (s % (1 << 16) == 0) {
			report_progress(s, result->depth, start);
			if (bytes_used() > bounds->bytes)
				result->complete = false;
		}
	}
	edge_starts[s] = edge_count;
}

/* search_once: with what has been learned so far. False: something new was. */
static bool
search_once(const struct bounds *bounds, struct result *result, size_t patience, double start)
{
	struct position first = replayed;

	*result = (struct result){.complete = true};
	open_stores();
	ahead_begin();
	result->transitions = run_alone(&first, 0, NULL);
	visited_number(first.key, 0, 0);
	if (!failed)
		visit_all(bounds, result, patience, start);
	else
		keep_schedule(result, 0, -1);
	if (!failed && reduces() && events_learned()) {
		close_stores();
		return false;
	}
	if (!failed && result->complete)
		check_reaching(result);
	result->states = visited_count;
	result->bytes = bytes_used();
	close_stores();
	return true;
}

static void
search_until_known(
	const struct program *program, const struct bounds *bounds, struct result *result)
{
	double start = cpu_seconds();
	size_t patience = 1000;

	*result = (struct result){.complete = true};
	search_begin(program);
	preemptions = bounds->preemptions;
	width = 1 + cpu_count + (preemptions != UNBOUNDED);
	while (!failed && !search_once(bounds, result, patience, start))
		patience *= 2;
	result->failed = failed;
	result->crashed = crashed;
	result->oracle = failure_oracle;
	memcpy(result->failure, failure_text, sizeof(result->failure));
	result->seconds = cpu_seconds() - start;
	search_end();
}

/*
 * shorten: a failure that was found with fewer orders tried need not have the shortest schedule:
 * search again, with all of them, as far as that is cheap.
 */
static void
shorten(const struct program *program, const struct bounds *bounds, struct result *result)
{
	struct bounds cheap = *bounds;
	struct result again;

	if (cheap.states > SHORTENING_STATES)
		cheap.states = SHORTENING_STATES;
	reducing = false;
	search_until_known(program, &cheap, &again);
	reducing = true;
	if (!again.failed || again.steps > result->steps) {
		free(again.schedule);
		return;
	}
	free(result->schedule);
	result->schedule = again.schedule;
	result->steps = again.steps;
	result->crashed = again.crashed;
	result->oracle = again.oracle;
	memcpy(result->failure, again.failure, sizeof(result->failure));
}

void
search(const struct program *program, const struct bounds *bounds, struct result *result)
{
	search_until_known(program, bounds, result);
	if (result->failed && reducing)
		shorten(program, bounds, result);
}

/* ---- Replay ---- */

void
search_begin(const struct program *program)
{
	crash_catch();
	failed = crashed = false;
	failure_oracle = 0;
	cpu_count = program->cpus;
	preemptions = UNBOUNDED;
	events_open();
	replayed = (struct position){.key = {0}};
	state_open(program, replayed.key);
}

void
search_end(void)
{
	state_close();
}

bool
search_step(uint8_t via)
{
	if (via_cpu(via) >= cpu_count || !state_can(replayed.key, via))
		return false;
	if (step(&replayed, via) && state_is_end(replayed.key))
		host_check_end();
	return true;
}
