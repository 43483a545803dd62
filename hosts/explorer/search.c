// SPDX-License-Identifier: MIT
/*
 * search.c: visits every state, nearest first, so that the first failure has the shortest schedule.
 * A state is kept as numbers of pieces: one for shared memory, itself a list of pieces, and one for
 * each CPU's stack. Going on from a state copies back what differs; nothing is run again.
 *
 * Edges are kept too: a CPU that polls never stops, so a lost wake-up shows only as a state from
 * which the end cannot be reached.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "search.h"
#include "store.h"

#define CHUNK      192
#define CHUNKS_MAX 128
#define STATES_MAX ((size_t)1 << 31)

extern unsigned char __start_explored[], __stop_explored[];

struct state {
	piece shared;
	piece stacks[CPUS_MAX];
};

bool failed;
void (*search_report)(const struct search_progress *progress);
static char failure_text[200];
static int failure_oracle;

static struct store chunks, lists, stacks;
static unsigned chunk_count, cpu_count;
static piece now_chunks[CHUNKS_MAX]; /* what memory holds at the moment */
static struct state now;

static piece *keys; /* cpu_count + 1 pieces a state */
static uint32_t *parents;
static uint8_t *vias;
static uint32_t *table;
static size_t table_mask, state_count;
static uint64_t *edge_starts;
static uint32_t *edges;
static size_t edge_count;

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

/* ---- Memory to numbers and back ---- */

static size_t
chunk_size(unsigned i)
{
	size_t left = (size_t)(__stop_explored - __start_explored) - i * CHUNK;

	return left < CHUNK ? left : CHUNK;
}

static void
capture_shared(bool all)
{
	bool changed = all;

	for (unsigned i = 0; i < chunk_count; i++) {
		const unsigned char *memory = __start_explored + i * CHUNK;
		size_t length;

		if (!all && memcmp(store_get(&chunks, now_chunks[i], &length), memory,
				    chunk_size(i)) == 0)
			continue;
		now_chunks[i] = store_put(&chunks, memory, chunk_size(i));
		changed = true;
	}
	if (changed)
		now.shared = store_put(&lists, now_chunks, chunk_count * sizeof(piece));
}

static void
capture_stack(unsigned cpu)
{
	void *start;
	size_t length = cpu_stack(cpu, &start);

	now.stacks[cpu] = store_put(&stacks, start, length);
}

static void
restore(const piece *key)
{
	if (key[0] != now.shared) {
		size_t length;
		const piece *list = store_get(&lists, key[0], &length);

		for (unsigned i = 0; i < chunk_count; i++) {
			if (list[i] == now_chunks[i])
				continue;
			memcpy(__start_explored + i * CHUNK, store_get(&chunks, list[i], &length),
				chunk_size(i));
			now_chunks[i] = list[i];
		}
		now.shared = key[0];
	}
	for (unsigned c = 0; c < cpu_count; c++) {
		size_t length;
		const void *bytes;

		if (key[1 + c] == now.stacks[c])
			continue;
		bytes = store_get(&stacks, key[1 + c], &length);
		cpu_set_stack(c, bytes, length);
		now.stacks[c] = key[1 + c];
	}
}

/* ---- States ---- */

static size_t
key_bytes(void)
{
	return (cpu_count + 1) * sizeof(piece);
}

static const piece *
key_of(uint32_t state)
{
	return keys + (size_t)state * (cpu_count + 1);
}

static void
grow_table(void)
{
	free(table);
	table_mask = table_mask * 2 + 1;
	table = calloc(table_mask + 1, sizeof(*table));
	for (size_t s = 0; s < state_count; s++) {
		size_t i = XXH3_64bits(key_of((uint32_t)s), key_bytes()) & table_mask;

		while (table[i] != 0)
			i = (i + 1) & table_mask;
		table[i] = (uint32_t)s + 1;
	}
}

/* number_of_now: the state that memory and stacks are in; whether it is new. */
static uint32_t
number_of_now(uint32_t parent, uint8_t via, bool *is_new)
{
	piece key[CPUS_MAX + 1];
	size_t i;

	key[0] = now.shared;
	for (unsigned c = 0; c < cpu_count; c++)
		key[1 + c] = now.stacks[c];
	i = XXH3_64bits(key, key_bytes()) & table_mask;
	*is_new = false;
	for (; table[i] != 0; i = (i + 1) & table_mask)
		if (memcmp(key_of(table[i] - 1), key, key_bytes()) == 0)
			return table[i] - 1;
	memcpy(keys + state_count * (cpu_count + 1), key, key_bytes());
	parents[state_count] = parent;
	vias[state_count] = via;
	table[i] = (uint32_t)++state_count;
	if (state_count * 3 > table_mask * 2)
		grow_table();
	*is_new = true;
	return (uint32_t)state_count - 1;
}

/* ---- Transitions: two bits of CPU, two of command, four of choice ---- */

static uint8_t
encode(unsigned cpu, enum command command, unsigned choice)
{
	return (uint8_t)(cpu | (unsigned)command << 2 | choice << 4);
}

static void
take(uint8_t via)
{
	cpu_do(via & 3, (enum command)(via >> 2 & 3), via >> 4);
	tlb_settle();
	if (!failed)
		tlb_check();
}

static unsigned
possible(uint8_t *list)
{
	unsigned n = 0;

	for (unsigned c = 0; c < cpu_count; c++) {
		if (cpu_can(c, TAKE_INTERRUPT))
			list[n++] = encode(c, TAKE_INTERRUPT, 0);
		if (cpu_can(c, DRAIN))
			list[n++] = encode(c, DRAIN, 0);
		if (cpu_can(c, GO_ON))
			for (unsigned i = 0; i < cpus[c].pending.choices; i++)
				list[n++] = encode(c, GO_ON, i);
	}
	return n;
}

static bool
is_end(void)
{
	for (unsigned c = 0; c < cpu_count; c++)
		if (cpus[c].pending.operation != OP_DONE || cpus[c].interrupted || cpus[c].held)
			return false;
	return true;
}

/* ---- The search ---- */

void
search_begin(const struct program *program)
{
	size_t length = (size_t)(__stop_explored - __start_explored);

	memset(__start_explored, 0, length);
	failed = false;
	cpu_count = program->cpus;
	chunk_count = (unsigned)((length + CHUNK - 1) / CHUNK);
	exploring_stops();
	new_machine(cpu_count);
	program->set_up();
	cpus_begin(cpu_count, program->bodies);
	tlb_begin();
}

bool
search_step(uint8_t via)
{
	uint8_t list[64];
	unsigned n = possible(list), i = 0;

	while (i < n && list[i] != via)
		i++;
	if (i == n)
		return false;
	take(via);
	return true;
}

const char *
search_failure(int *oracle)
{
	*oracle = failure_oracle;
	return failed ? failure_text : NULL;
}

static void
open_stores(void)
{
	store_open(&chunks);
	store_open(&lists);
	store_open(&stacks);
	keys = store_reserve(STATES_MAX * (cpu_count + 1) * sizeof(piece));
	parents = store_reserve(STATES_MAX * sizeof(*parents));
	vias = store_reserve(STATES_MAX);
	edge_starts = store_reserve((STATES_MAX + 1) * sizeof(*edge_starts));
	edges = store_reserve(STATES_MAX * 8 * sizeof(*edges));
	state_count = edge_count = 0;
	table_mask = 1023;
	table = calloc(table_mask + 1, sizeof(*table));
}

static void
close_stores(void)
{
	store_close(&chunks);
	store_close(&lists);
	store_close(&stacks);
	store_release(keys, STATES_MAX * (cpu_count + 1) * sizeof(piece));
	store_release(parents, STATES_MAX * sizeof(*parents));
	store_release(vias, STATES_MAX);
	store_release(edge_starts, (STATES_MAX + 1) * sizeof(*edge_starts));
	store_release(edges, STATES_MAX * 8 * sizeof(*edges));
	free(table);
}

static void
keep_schedule(struct result *result, uint32_t state, int last)
{
	size_t n = last >= 0;

	for (uint32_t s = state; s != 0; s = parents[s])
		n++;
	result->schedule = malloc(n + 1);
	result->steps = n;
	if (last >= 0)
		result->schedule[--n] = (uint8_t)last;
	for (uint32_t s = state; s != 0; s = parents[s])
		result->schedule[--n] = vias[s];
}

/* expand: all transitions of a state. False: one of them failed. */
static bool
expand(uint32_t state, struct result *result)
{
	uint8_t list[64];
	unsigned n;

	restore(key_of(state));
	n = possible(list);
	for (unsigned i = 0; i < n; i++) {
		bool is_new;

		restore(key_of(state));
		take(list[i]);
		result->transitions++;
		if (failed) {
			keep_schedule(result, state, list[i]);
			return false;
		}
		capture_shared(false);
		capture_stack(list[i] & 3);
		edges[edge_count++] = number_of_now(state, list[i], &is_new);
	}
	return true;
}

/*
 * find_stuck: the first state from which no end can be reached; state_count if there is none. The
 * end is reached from a state if it is from one that follows: sweeps backwards until nothing
 * changes.
 */
static size_t
find_stuck(uint8_t *reaches)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t s = state_count; s-- > 0;) {
			for (uint64_t e = edge_starts[s]; !reaches[s] && e < edge_starts[s + 1];
				e++)
				if (reaches[edges[e]])
					reaches[s] = 1, more = true;
		}
	}
	for (size_t s = 0; s < state_count; s++)
		if (!reaches[s])
			return s;
	return state_count;
}

static double
cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t
bytes_used(void)
{
	return store_bytes(&chunks) + store_bytes(&lists) + store_bytes(&stacks) +
	       state_count * (key_bytes() + 5) + (table_mask + 1) * 4;
}

static void
report_progress(size_t expanded, size_t depth, double start)
{
	struct search_progress progress = {
		.states = state_count,
		.depth = depth,
		.frontier = state_count - expanded,
		.bytes = bytes_used(),
		.seconds = cpu_seconds() - start,
	};

	if (search_report != NULL)
		search_report(&progress);
}

/* visit_all: breadth first; the number of states expanded. */
static size_t
visit_all(const struct bounds *bounds, struct result *result, uint8_t *reaches, double start)
{
	size_t s = 0, level_end = 1;

	for (; s < state_count && result->complete; s++) {
		if (s == level_end) {
			result->depth++;
			level_end = state_count;
		}
		edge_starts[s] = edge_count;
		if (!expand((uint32_t)s, result))
			break;
		restore(key_of((uint32_t)s));
		reaches[s] = is_end();
		if (state_count > bounds->states)
			result->complete = false;
		if (s % (1 << 16) == 0) {
			report_progress(s, result->depth, start);
			if (bytes_used() > bounds->bytes)
				result->complete = false;
		}
	}
	edge_starts[s] = edge_count;
	return s;
}

void
search(const struct program *program, const struct bounds *bounds, struct result *result)
{
	double start = cpu_seconds();
	uint8_t *reaches;
	bool is_new;

	*result = (struct result){.complete = true};
	search_begin(program);
	open_stores();
	reaches = store_reserve(STATES_MAX);
	capture_shared(true);
	for (unsigned c = 0; c < cpu_count; c++)
		capture_stack(c);
	number_of_now(0, 0, &is_new);
	visit_all(bounds, result, reaches, start);
	if (!failed && result->complete) {
		size_t stuck = find_stuck(reaches);

		if (stuck < state_count) {
			keep_schedule(result, (uint32_t)stuck, -1);
			fail(6, "from here the end can not be reached");
		}
	}
	result->failed = failed;
	result->oracle = failure_oracle;
	memcpy(result->failure, failure_text, sizeof(result->failure));
	result->states = state_count;
	result->seconds = cpu_seconds() - start;
	result->bytes = bytes_used();
	store_release(reaches, STATES_MAX);
	close_stores();
}
