// SPDX-License-Identifier: MIT
/* state.c: see state.h. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>
#include <string.h>

#include "events.h"
#include "reduce.h"
#include "state.h"

enum { SHARED_MAX = 1 << 28, LOCALS_MAX = 1 << 26, MEMO = 1 << 20, PART = 256, PARTS_MAX = 20 };

/* Shared memory: what is to be seen without restoring, and what each part holds. */
struct shared {
	uint8_t interrupted, blocked; /* CPUs, see struct wires */
	uint16_t padding;
	piece parts[];
};

struct remembered {
	piece local, shared;
	struct transition next;
	uint8_t via;
};

#define SHARED_BYTES (SHARED_MAX * (sizeof(struct shared) + PARTS_MAX * sizeof(piece)))

/* Shared memory in parts, of which most stay as they are in a transition. */
static struct part {
	unsigned char *start;
	size_t length;
} parts[PARTS_MAX];
static unsigned part_count;

static size_t
parts_length(void)
{
	return part_count * sizeof(piece);
}

static struct store chunks, locals;
static unsigned char *shareds;
static struct local *local_infos;
static uint32_t *shared_table;
static size_t shared_mask, shared_count;
static struct remembered *memo;
static unsigned cpu_count;

/* What memory holds at the moment. */
static piece now_parts[PARTS_MAX], now_shared, now_locals[CPUS_MAX];

/* The transition that is being made. */
static struct transition made;

void
step_is_visible(void)
{
	made.host = true;
}

void
step_touches_tlb(unsigned cpu)
{
	made.tlbs |= (uint8_t)(1u << cpu);
}

void
step_touches_interrupt(unsigned cpu)
{
	made.interrupts |= (uint8_t)(1u << cpu);
}

void
step_is_impossible(void)
{
	made.impossible = true;
}

/* ---- Sections ---- */

/* shared_of: room for as many parts as there are. */
static struct shared *
shared_of(piece shared)
{
	return (struct shared *)(void *)(shareds +
					 shared * (sizeof(struct shared) + parts_length()));
}

static void
clear(unsigned char *start, const unsigned char *stop)
{
	memset(start, 0, (size_t)(stop - start));
}

static void
add_parts(unsigned char *start, const unsigned char *stop)
{
	while (start < stop && part_count < PARTS_MAX) {
		size_t length = (size_t)(stop - start) < PART ? (size_t)(stop - start) : PART;

		parts[part_count++] = (struct part){start, length};
		start += length;
	}
	if (start < stop)
		fail(0, "the program has too much memory");
}

/* word_number: of a word in either section. */
static uint16_t
word_number(const void *word)
{
	const unsigned char *byte = word;

	for (unsigned k = 0; k < part_count; k++)
		if (byte >= parts[k].start && byte < parts[k].start + parts[k].length)
			return (uint16_t)((k * PART + (size_t)(byte - parts[k].start)) /
					  sizeof(uintptr_t));
	return NO_WORD;
}

void
step_touches(const struct salvo_word *word)
{
	made.touched = word_number(word);
}

uintptr_t
state_word(piece shared, uint16_t word)
{
	const size_t byte = word * sizeof(uintptr_t);
	size_t length;
	uintptr_t value;

	memcpy(&value,
		(const char *)store_get(&chunks, shared_of(shared)->parts[byte / PART], &length) +
			byte % PART,
		sizeof(value));
	return value;
}

bool
state_is_walked(uint16_t word)
{
	const unsigned char *start = parts[word * sizeof(uintptr_t) / PART].start;

	return start >= __start_walked && start < __stop_walked;
}

bool
state_host_writes(uint16_t word)
{
	const size_t byte = word * sizeof(uintptr_t);

	return state_is_walked(word) || host_writes(parts[byte / PART].start + byte % PART);
}

bool
state_interrupted(piece shared, unsigned cpu)
{
	return (shared_of(shared)->interrupted >> cpu & 1) != 0;
}

/* ---- Shared memory ---- */

static void
grow_shared_table(void)
{
	free(shared_table);
	shared_mask = shared_mask * 2 + 1;
	shared_table = calloc(shared_mask + 1, sizeof(*shared_table));
	for (piece p = 1; p <= shared_count; p++) {
		size_t i = XXH3_64bits(shared_of(p)->parts, parts_length()) & shared_mask;

		while (shared_table[i] != 0)
			i = (i + 1) & shared_mask;
		shared_table[i] = p;
	}
}

/* shared_number: of what now_parts says. New ones are checked: oracles look at shared memory only.
 */
static piece
shared_number(void)
{
	size_t i = XXH3_64bits(now_parts, parts_length()) & shared_mask;
	piece p;

	for (; shared_table[i] != 0; i = (i + 1) & shared_mask)
		if (memcmp(shared_of(shared_table[i])->parts, now_parts, parts_length()) == 0)
			return shared_table[i];
	tlb_check();
	if (failed)
		return 0; /* no state: whoever comes here again fails again */
	p = (piece)++shared_count;
	shared_of(p)->interrupted = wires.interrupted;
	shared_of(p)->blocked = wires.polling & (uint8_t)~wires.woken;
	memcpy(shared_of(p)->parts, now_parts, parts_length());
	shared_table[i] = p;
	if (shared_count * 2 > shared_mask)
		grow_shared_table();
	return p;
}

static piece
capture_shared(void)
{
	bool changed = false;

	for (unsigned k = 0; k < part_count; k++) {
		size_t had;

		if (now_parts[k] != 0 && memcmp(store_get(&chunks, now_parts[k], &had),
						 parts[k].start, parts[k].length) == 0)
			continue;
		now_parts[k] = store_put(&chunks, parts[k].start, parts[k].length);
		changed = true;
	}
	if (changed)
		now_shared = shared_number();
	return now_shared;
}

static void
restore_shared(piece shared)
{
	if (shared == now_shared)
		return;
	for (unsigned k = 0; k < part_count; k++) {
		size_t length;

		if (shared_of(shared)->parts[k] == now_parts[k])
			continue;
		now_parts[k] = shared_of(shared)->parts[k];
		memcpy(parts[k].start, store_get(&chunks, now_parts[k], &length), parts[k].length);
	}
	now_shared = shared;
}

/* ---- CPUs ---- */

static void
describe_local(struct local *local, const struct cpu *cpu)
{
	*local = (struct local){
		.operation = cpu->pending.operation,
		.choices = cpu->pending.choices,
		.held = cpu->held,
		.irqs_off = cpu->irqs_off,
		.place = events_place(cpu),
		.base = cpu->place,
		.word = cpu->pending.operation <= OP_UPDATE ? word_number(cpu->pending.what)
							    : NO_WORD,
	};
	for (unsigned i = 0; i < cpu->held; i++)
		local->held_words[i] = word_number(cpu->buffer[i].word);
	if (local->operation <= OP_UPDATE && local->word == NO_WORD)
		fail(0, "a shared word is no part of a state: it is none of words[] (%s:%d)",
			trace_file(cpu->pending.file), cpu->pending.line);
}

static piece
capture_local(unsigned cpu)
{
	size_t length, before = locals.count;
	const void *bytes = cpu_piece(cpu, &length);
	piece p = store_put(&locals, bytes, length);

	if (locals.count != before)
		describe_local(&local_infos[p], cpu_of(cpu));
	now_locals[cpu] = p;
	return p;
}

static void
restore_local(unsigned cpu, piece local)
{
	size_t length;
	const void *bytes;

	if (local == now_locals[cpu])
		return;
	bytes = store_get(&locals, local, &length);
	cpu_set_piece(cpu, bytes, length);
	now_locals[cpu] = local;
}

void
state_restore(const piece *key)
{
	restore_shared(key[0]);
	for (unsigned c = 0; c < cpu_count; c++)
		restore_local(c, key[1 + c]);
}

const struct local *
state_local(piece local)
{
	return &local_infos[local];
}

/* ---- Transitions ---- */

/* waits_for_buffer: the pending step cannot be done before the held stores are in memory. */
static bool
waits_for_buffer(const struct local *local)
{
	switch (local->operation) {
	case OP_UPDATE:
	case OP_FENCE:
	case OP_SEND:
	case OP_ROOT:
		return local->held != 0;
	case OP_STORE:
	case OP_USER:
		return local->held == BUFFER_MAX;
	default:
		return false;
	}
}

bool
state_can(const piece *key, uint8_t via)
{
	const struct local *local = &local_infos[key[1 + via_cpu(via)]];
	const struct shared *now = shared_of(key[0]);

	switch (via_command(via)) {
	case GO_ON:
		if (local->operation == OP_DONE || via >> 4 >= local->choices ||
			(local->operation == OP_RELAX && !every_turn &&
				(now->blocked >> via_cpu(via) & 1) != 0))
			return false;
		return !waits_for_buffer(local);
	case TAKE_INTERRUPT:
		return (now->interrupted >> via_cpu(via) & 1) != 0 && !local->irqs_off;
	case DRAIN:
		return local->held != 0;
	default:
		return false;
	}
}

unsigned
state_possible(const piece *key, uint8_t *list)
{
	unsigned n = 0;

	for (unsigned c = 0; c < cpu_count; c++) {
		unsigned choices = local_infos[key[1 + c]].choices;

		if (state_can(key, via_of(c, TAKE_INTERRUPT, 0)))
			list[n++] = via_of(c, TAKE_INTERRUPT, 0);
		if (state_can(key, via_of(c, DRAIN, 0)))
			list[n++] = via_of(c, DRAIN, 0);
		if (state_can(key, via_of(c, GO_ON, 0)))
			for (unsigned i = 0; i < choices; i++)
				list[n++] = via_of(c, GO_ON, i);
	}
	return n;
}

bool
state_is_end(const piece *key)
{
	for (unsigned c = 0; c < cpu_count; c++)
		if (local_infos[key[1 + c]].operation != OP_DONE ||
			local_infos[key[1 + c]].held != 0 ||
			state_can(key, via_of(c, TAKE_INTERRUPT, 0)))
			return false;
	return true;
}

static struct remembered *
memo_of(piece shared, piece local, uint8_t via)
{
	uint64_t mix = ((uint64_t)shared << 32 | local) * 0x9e3779b97f4a7c15u + via;

	mix ^= mix >> 29;
	return &memo[mix * 0xbf58476d1ce4e5b9u >> 44];
}

static bool
run(const piece *key, uint8_t via, struct transition *transition)
{
	unsigned cpu = via_cpu(via);
	uint16_t word = local_infos[key[1 + cpu]].word;
	unsigned char before[sizeof(struct salvo_cpu)];
	struct pending from;

	restore_shared(key[0]);
	restore_local(cpu, key[1 + cpu]);
	from = cpu_of(cpu)->pending;
	memcpy(before, &salvo_cpus[cpu], sizeof(before));
	made = (struct transition){.touched = NO_WORD};
	cpu_do(cpu, via_command(via), via >> 4);
	if (fixed_is_written())
		fail(0, "CPU %u writes what is FIXED, which set_up alone may, after %s:%d", cpu,
			trace_file(from.file), from.line);
	tlb_settle();
	made.local = capture_local(cpu);
	made.shared = capture_shared();
	if (failed)
		return false;
	made.own = memcmp(before, (const unsigned char *)&salvo_cpus[cpu], sizeof(before)) != 0;
	made.changed = word != NO_WORD && state_word(key[0], word) != state_word(made.shared, word);
	*transition = made;
	if (reducing && !made.impossible)
		events_learn(key, via, transition);
	return true;
}

bool
state_take(const piece *key, uint8_t via, struct transition *transition)
{
	piece local = key[1 + via_cpu(via)];
	struct remembered *known = memo_of(key[0], local, via);

	if (known->local == local && known->shared == key[0] && known->via == via && !tracing) {
		*transition = known->next;
		return true;
	}
	if (!run(key, via, transition))
		return false;
	*known = (struct remembered){local, key[0], *transition, via};
	return true;
}

/* ---- Begin and end ---- */

/* state_open: the program's first state, unless it has failed by then. */
void
state_open(const struct program *program, piece *key)
{
	cpu_count = program->cpus;
	store_open(&chunks);
	store_open(&locals);
	shareds = store_reserve(SHARED_BYTES);
	local_infos = store_reserve(LOCALS_MAX * sizeof(*local_infos));
	memo = store_reserve(MEMO * sizeof(*memo));
	shared_mask = 1023;
	shared_count = 0;
	shared_table = calloc(shared_mask + 1, sizeof(*shared_table));
	memset(now_parts, 0, sizeof(now_parts));
	memset(now_locals, 0, sizeof(now_locals));
	part_count = 0;
	clear(__start_explored, __stop_explored);
	clear(__start_walked, __stop_walked);
	clear(__start_late, __stop_late);
	cpus_stop();
	new_machine(cpu_count);
	cpus_set_up(program);
	add_parts(__start_explored, __stop_explored);
	add_parts(__start_walked, __stop_walked);
	if (late_is_used())
		add_parts(__start_late, __stop_late);
	fixed_keep();
	cpus_begin(cpu_count);
	if (fixed_is_written())
		fail(0, "a body begins by writing what is FIXED, which set_up alone may");
	if (failed)
		return;
	tlb_begin();
	key[0] = capture_shared();
	for (unsigned c = 0; c < cpu_count; c++)
		key[1 + c] = capture_local(c);
}

void
state_close(void)
{
	store_close(&chunks);
	store_close(&locals);
	store_release(shareds, SHARED_BYTES);
	store_release(local_infos, LOCALS_MAX * sizeof(*local_infos));
	store_release(memo, MEMO * sizeof(*memo));
	free(shared_table);
}

size_t
state_bytes(void)
{
	return store_bytes(&chunks) + store_bytes(&locals) +
	       shared_count * (sizeof(struct shared) + parts_length()) +
	       (shared_mask + 1) * sizeof(*shared_table) + locals.count * sizeof(*local_infos);
}
