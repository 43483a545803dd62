// SPDX-License-Identifier: MIT
/*
 * memory.c: shared words. Memory is sequentially consistent, or total store order: then a store
 * goes into the CPU's buffer, from which the hardware takes it whenever it likes, oldest first; a
 * load looks in the buffer first; an atomic update, a fence, a root that is loaded and an interrupt
 * that is sent wait until the buffer is empty. A flush does not, so that what holds here holds for
 * hardware where it is no barrier.
 */
#include <string.h>

#include "events.h"

#define INSIDE(address, object)                                                                    \
	((const char *)(address) >= (const char *)&(object) &&                                     \
		(const char *)(address) < (const char *)(&(object) + 1))

bool every_load, every_turn;

/* wrote_frame: a word that the hardware walks, or the page that a store was for. */
static void
wrote_frame(const struct salvo_word *word)
{
	struct frame *frame =
		&frames[((const char *)word - (const char *)frames) / (ptrdiff_t)sizeof(frames[0])];

	step_is_visible();
	tlb_changed();
	if (frame->kind == PAGE)
		frame->unsaved = frame->file;
	else if (frame->kind == FREE)
		fail(1, "a store reaches frame %u, which was freed", (unsigned)(frame - frames));
}

/* ---- Waiting loops ---- */

static uint64_t
watch_bit(const struct salvo_word *word)
{
	return (uint64_t)1 << ((uintptr_t)word / sizeof(*word) % 64);
}

/* memory_polls: a turn of a waiting loop begins. */
void
memory_polls(void)
{
	const uint8_t bit = (uint8_t)(1u << running);

	wires.polling |= bit;
	wires.woken &= (uint8_t)~bit;
	wires.watched[running] = 0;
}

/* memory_polls_no_more: the CPU did something else than read. */
void
memory_polls_no_more(void)
{
	const uint8_t bit = (uint8_t)(1u << running);

	wires.polling &= (uint8_t)~bit;
	wires.woken &= (uint8_t)~bit;
	wires.watched[running] = 0;
}

/* watch: the CPU has read a word, or found it as it would have left it. */
static void
watch(const struct salvo_word *word)
{
	if ((wires.polling >> running & 1) != 0)
		wires.watched[running] |= watch_bit(word);
}

/* write_word: who has read the word while polling may find something new. */
static void
write_word(struct salvo_word *word, uintptr_t value)
{
	uintptr_t before = word->value;

	trace_value(word, before, value);
	if (INSIDE(word, frames))
		wrote_frame(word);
	if (before == value)
		return;
	word->value = value;
	for (unsigned c = 0; c < CPUS_MAX; c++)
		if ((wires.watched[c] & watch_bit(word)) != 0)
			wires.woken |= (uint8_t)(1u << c);
}

/* update_word: an atomic update; one that changes nothing is as good as a load to a loop that
 * polls. */
static uintptr_t
update_word(struct salvo_word *word, uintptr_t value)
{
	uintptr_t before = word->value;

	if (before == value)
		watch(word);
	else
		memory_polls_no_more();
	write_word(word, value);
	return before;
}

/* ---- Stores held back ---- */

/* memory_drain: the oldest store that a CPU holds back reaches memory. */
void
memory_drain(struct cpu *cpu)
{
	write_word(cpu->buffer[0].word, cpu->buffer[0].value);
	cpu->held--;
	memmove(cpu->buffer, cpu->buffer + 1, cpu->held * sizeof(cpu->buffer[0]));
	cpu->buffer[cpu->held] = (struct held_store){NULL, 0};
}

/* is_statistic: counts what happened, and nothing depends on it: not part of a state. */
static bool
is_statistic(const struct salvo_word *word)
{
	for (unsigned i = 0; i < CPUS_MAX; i++)
		if (INSIDE(word, salvo_cpus[i].stats))
			return true;
	return false;
}

/*
 * is_own: a word that no other CPU writes: what the CPU reads in it is what it wrote last, whoever
 * does what in between, so to read it is not a step. All words of struct salvo_cpu but `asked` and
 * `later` are such (types.h says who writes each); user_access is read by its own CPU alone
 * besides.
 */
static bool
is_own(const struct salvo_word *word)
{
	const struct salvo_cpu *own = &salvo_cpus[running];

	return !every_load && cpu_of(running)->irqs_off && INSIDE(word, *own) &&
	       word != &own->asked && word != &own->later;
}

static uintptr_t
read_word(const struct salvo_word *word)
{
	const struct cpu *self = cpu_of(running);

	for (unsigned i = self->held; i > 0; i--)
		if (self->buffer[i - 1].word == word)
			return self->buffer[i - 1].value;
	return word->value;
}

uintptr_t
explored_load(const struct salvo_word *word, const char *file, int line)
{
	uintptr_t value;

	if (is_statistic(word))
		return 0;
	if (is_own(word))
		return read_word(word);
	cpu_step(OP_LOAD, word, 1, file, line);
	value = read_word(word);
	watch(word);
	trace_value(word, value, value);
	return value;
}

/*
 * explored_store: user_access is what this CPU's NMI would read: the oracles look at it in every
 * state, so that no NMI need be a transition.
 */
void
explored_store(struct salvo_word *word, uintptr_t value, const char *file, int line)
{
	struct cpu *self = cpu_of(running);

	if (is_statistic(word))
		return;
	if (word == &salvo_cpus[running].user_access) {
		if (word->value != value) {
			step_touches_tlb(running);
			step_touches(word);
		}
		word->value = value;
		return;
	}
	cpu_step(OP_STORE, word, 1, file, line);
	memory_polls_no_more();
	if (!tso || !cpu_exploring()) {
		write_word(word, value);
		return;
	}
	trace_value(word, read_word(word), value);
	trace_note(" (held back)");
	self->buffer[self->held++] = (struct held_store){word, value};
	if (INSIDE(word, frames))
		tlb_own_changed();
}

uintptr_t
explored_add(struct salvo_word *word, uintptr_t amount, const char *file, int line)
{
	uintptr_t old;

	cpu_step(OP_UPDATE, word, 1, file, line);
	old = update_word(word, word->value + amount);
	if (cpu_exploring() && events_is_request(word))
		cpu_of(running)->request = (uint8_t)(old + amount);
	return old;
}

uintptr_t
explored_or(struct salvo_word *word, uintptr_t bits, const char *file, int line)
{
	cpu_step(OP_UPDATE, word, 1, file, line);
	return update_word(word, word->value | bits);
}

uintptr_t
explored_and(struct salvo_word *word, uintptr_t bits, const char *file, int line)
{
	cpu_step(OP_UPDATE, word, 1, file, line);
	return update_word(word, word->value & bits);
}

uintptr_t
explored_exchange(struct salvo_word *word, uintptr_t value, const char *file, int line)
{
	cpu_step(OP_UPDATE, word, 1, file, line);
	return update_word(word, value);
}

bool
explored_compare_exchange(
	struct salvo_word *word, uintptr_t *expected, uintptr_t value, const char *file, int line)
{
	cpu_step(OP_UPDATE, word, 1, file, line);
	if (word->value != *expected) {
		trace_value(word, word->value, word->value);
		watch(word);
		*expected = word->value;
		return false;
	}
	update_word(word, value);
	return true;
}

void
explored_fence(const char *file, int line)
{
	if (cpu_of(running)->held != 0)
		cpu_step(OP_FENCE, NULL, 1, file, line);
}

/* ---- Pages ---- */

/* memory_user_store: part of the step that translated its address. */
void
memory_user_store(struct salvo_word *word, uintptr_t value)
{
	struct cpu *self = cpu_of(running);

	if (!tso) {
		write_word(word, value);
		return;
	}
	trace_note(" (held back)");
	self->buffer[self->held++] = (struct held_store){word, value};
}

uintptr_t
memory_user_load(const struct salvo_word *word)
{
	return read_word(word);
}
