// SPDX-License-Identifier: MIT
/* state.c: see state.h. */
#include <string.h>

#include "events.h"
#include "reduce.h"
#include "shared.h"
#include "state.h"

enum { LOCALS_MAX = 1 << 26, MEMO = 1 << 20 };

struct remembered {
	piece local, shared;
	struct transition next;
	uint8_t via;
};

static struct store locals;
static struct local *local_infos;
static struct remembered *memo;
static unsigned cpu_count;

/* What memory holds at the moment. */
static piece now_locals[CPUS_MAX];

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

void
step_touches(const struct salvo_word *word)
{
	made.touched = shared_word_number(word);
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
		.word = cpu->pending.operation <= OP_UPDATE ? shared_word_number(cpu->pending.what)
							    : NO_WORD,
	};
	for (unsigned i = 0; i < cpu->held; i++)
		local->held_words[i] = shared_word_number(cpu->buffer[i].word);
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
	shared_restore(key[0]);
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

	switch (via_command(via)) {
	case GO_ON:
		if (local->operation == OP_DONE || via >> 4 >= local->choices ||
			(local->operation == OP_RELAX && !every_turn &&
				shared_blocked(key[0], via_cpu(via))))
			return false;
		return !waits_for_buffer(local);
	case TAKE_INTERRUPT:
		return state_interrupted(key[0], via_cpu(via)) && !local->irqs_off;
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

	shared_restore(key[0]);
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
	made.shared = shared_capture();
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
	store_open(&locals);
	local_infos = store_reserve(LOCALS_MAX * sizeof(*local_infos));
	memo = store_reserve(MEMO * sizeof(*memo));
	memset(now_locals, 0, sizeof(now_locals));
	shared_open();
	cpus_stop();
	new_machine(cpu_count);
	cpus_set_up(program);
	shared_begin();
	fixed_keep();
	cpus_begin(cpu_count);
	if (fixed_is_written())
		fail(0, "a body begins by writing what is FIXED, which set_up alone may");
	if (failed)
		return;
	tlb_begin();
	key[0] = shared_capture();
	for (unsigned c = 0; c < cpu_count; c++)
		key[1 + c] = capture_local(c);
}

void
state_close(void)
{
	shared_close();
	store_close(&locals);
	store_release(local_infos, LOCALS_MAX * sizeof(*local_infos));
	store_release(memo, MEMO * sizeof(*memo));
}

size_t
state_bytes(void)
{
	return shared_bytes() + store_bytes(&locals) + locals.count * sizeof(*local_infos);
}
