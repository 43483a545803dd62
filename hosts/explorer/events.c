// SPDX-License-Identifier: MIT
/*
 * events.c: what CPUs have done so far.
 *
 * A place of a CPU is the call of its body that it is in, file and line where it stands, and the
 * generation that it took; a handler's places are the same whatever it interrupts. An event is a
 * step that was once made from one place to another, with the word that it read, and the value that
 * it found there. An interrupt is taken from no place: from any at which interrupts are on.
 */
#include <string.h>

#include "events.h"

enum { PLACES = PLACES_MAX * 2 };

struct place {
	const char *file;
	int line;
	unsigned phase, request;
	bool in_handler;
};

/* ---- Places and words ---- */

static struct place places[PLACES_MAX]; /* 0 is not used */
static uint16_t place_table[PLACES];    /* by hash; 0: free */
static unsigned place_count;
static uint8_t word_numbers[WORDS_MAX]; /* 0: not met yet */
static uint16_t words_by_number[WORDS];
static unsigned word_count;

/* events_place: where a CPU stands. */
uint16_t
events_place(const struct cpu *cpu)
{
	const struct pending *pending = &cpu->pending;
	const bool in_handler = cpu->depth != 0;
	const unsigned phase = in_handler ? 0 : cpu->phase;
	const unsigned request = in_handler ? 0 : cpu->request;
	size_t i = (uintptr_t)pending->file * 31 + (unsigned)pending->line * 4u + phase * 977u +
		   request * 131u + in_handler;

	for (;; i++) {
		uint16_t *slot = &place_table[i % PLACES];
		const struct place *place;

		if (*slot == 0 && place_count + 1 < PLACES_MAX) {
			*slot = (uint16_t)++place_count;
			places[*slot] = (struct place){
				pending->file, pending->line, phase, request, in_handler};
		}
		place = &places[*slot];
		if (*slot == 0)
			fail(0, "the explorer has no room for more places");
		else if (place->file != pending->file || place->line != pending->line ||
			 place->phase != phase || place->request != request ||
			 place->in_handler != in_handler)
			continue;
		return *slot;
	}
}

bool
events_is_request(const struct salvo_word *word)
{
	for (unsigned s = 0; s < SPACES_MAX; s++)
		if (word == &space_of(s)->gen)
			return true;
	return false;
}

uint16_t
events_word(unsigned number)
{
	return words_by_number[number];
}

/* number_word: a small number for a word. */
static unsigned
number_word(uint16_t word)
{
	if (word_numbers[word] != 0)
		return word_numbers[word];
	if (word_count + 1 == ALL_OTHERS)
		return word_numbers[word] = ALL_OTHERS;
	words_by_number[++word_count] = word;
	return word_numbers[word] = (uint8_t)word_count;
}

/* ---- What a transition touches ---- */

/* add_visible: what oracles look at, of the host and of all CPUs. */
static void
add_visible(struct words *words)
{
	add_word(words, HOST_WORD);
	for (unsigned c = 0; c < CPUS_MAX; c++)
		add_word(words, TLB_WORD + c);
}

void
events_add_store(struct words *words, uint16_t word)
{
	add_word(words, number_word(word));
	if (state_is_walked(word))
		add_visible(words);
}

struct touched
events_beside(const struct transition *transition)
{
	struct touched touched = {.reads = {{0}}};

	if (transition->host)
		add_visible(&touched.writes);
	for (unsigned c = 0; c < CPUS_MAX; c++) {
		if ((transition->tlbs >> c & 1) != 0)
			add_word(&touched.writes, TLB_WORD + c);
		if ((transition->interrupts >> c & 1) != 0)
			add_word(&touched.writes, INTERRUPT_WORD + c);
	}
	if (transition->touched != NO_WORD)
		add_word(&touched.writes, number_word(transition->touched));
	return touched;
}

/* Host code that writes a word without naming it touches what no CPU owns: so does who names it. */
struct touched
events_touched(const piece *key, uint8_t via, const struct transition *transition)
{
	const struct local *local = state_local(key[1 + via_cpu(via)]);
	struct touched touched = events_beside(transition);
	uint16_t word = local->word;

	if (via_command(via) == DRAIN)
		word = local->held_words[0];
	else if (via_command(via) != GO_ON || word == NO_WORD)
		return touched;
	if (state_host_writes(word))
		add_word(&touched.reads, HOST_WORD);
	if (via_command(via) == DRAIN || local->operation == OP_STORE)
		events_add_store(&touched.writes, word);
	else
		add_word(transition->changed ? &touched.writes : &touched.reads, number_word(word));
	return touched;
}

/* ---- Learning ---- */

static struct event events[EVENTS_MAX];
static uint32_t event_table[EVENTS_MAX * 2]; /* by hash; number plus one; 0: free */
static unsigned event_count;
static bool interruptible[PLACES_MAX]; /* interrupts were on there */
static bool learned;

static bool
same_event(const struct event *a, const struct event *b)
{
	return a->from == b->from && a->to == b->to && a->cpu == b->cpu && a->word == b->word &&
	       a->value == b->value && memcmp(&a->touched, &b->touched, sizeof(a->touched)) == 0;
}

static void
learn(const struct event *event)
{
	size_t i = event->from * 4099u + event->to * 61u + event->cpu + event->word * 7919u +
		   event->value * 31u;

	for (;; i++) {
		uint32_t *slot = &event_table[i % (EVENTS_MAX * 2)];

		if (*slot != 0 && !same_event(&events[*slot - 1], event))
			continue;
		if (*slot == 0 && event_count == EVENTS_MAX) {
			fail(0, "the explorer has no room for more events");
		} else if (*slot == 0) {
			events[event_count++] = *event;
			*slot = event_count;
			learned = true;
		}
		return;
	}
}

/* reads_memory: what it finds in its word is what memory holds: it has no store to it held back. */
static bool
reads_memory(const struct local *local)
{
	if (local->word == NO_WORD || local->operation == OP_STORE ||
		number_word(local->word) == ALL_OTHERS)
		return false;
	for (unsigned i = 0; i < local->held; i++)
		if (local->held_words[i] == local->word)
			return false;
	return true;
}

/*
 * events_learn: a handler's end is an event that goes nowhere, for the interrupted place is one
 * where the CPU stands anyway; unless it has changed by what the handler did.
 */
void
events_learn(const piece *key, uint8_t via, const struct transition *transition)
{
	const struct local *before = state_local(key[1 + via_cpu(via)]);
	const struct local *after = state_local(transition->local);
	struct event event = {.from = before->place,
		.to = after->place,
		.cpu = (uint8_t)via_cpu(via),
		.touched = events_touched(key, via, transition)};

	if (!after->irqs_off && !interruptible[after->place])
		interruptible[after->place] = learned = true;
	if (via_command(via) == TAKE_INTERRUPT) {
		event.from = 0;
		event.word = (uint8_t)(INTERRUPT_WORD + event.cpu);
		event.value = 1;
	} else if (via_command(via) == GO_ON && reads_memory(before)) {
		event.word = (uint8_t)number_word(before->word);
		event.value = state_word(key[0], before->word);
		add_word(&event.touched.reads, event.word);
	}
	if (before->base != 0 && after->base == 0) {
		struct event gone_on = {.from = before->base, .to = after->place, .cpu = event.cpu};

		event.to = event.from;
		if (after->place != before->base)
			learn(&gone_on);
	}
	learn(&event);
}

bool
events_interruptible(uint16_t place)
{
	return interruptible[place];
}

bool
events_learned(void)
{
	return learned;
}

const struct event *
events_all(unsigned *count)
{
	learned = false;
	*count = event_count;
	return events;
}

void
events_open(void)
{
	memset(place_table, 0, sizeof(place_table));
	memset(word_numbers, 0, sizeof(word_numbers));
	memset(event_table, 0, sizeof(event_table));
	memset(interruptible, 0, sizeof(interruptible));
	place_count = event_count = 0;
	word_count = HOST_WORD;
	learned = false;
}
