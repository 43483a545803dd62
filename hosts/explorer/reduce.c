// SPDX-License-Identifier: MIT
/*
 * reduce.c: orders that make no difference are not tried (partial order reduction).
 *
 * In a state, a transition of CPU i may be taken alone, the others left for later, if nothing that
 * the others do from here on until it is taken depends on it or changes what it does: it is a
 * persistent set of one. So it is if
 *   1. it loads, stores or updates one word, or drains one store, and no other CPU, in whatever it
 *      may still do, writes the word (nor reads it, if this transition writes it)
 *   2. interrupts are off on CPU i, or its handler too may not touch the word in that way, and they
 *      are still on afterwards, so that an interrupt may as well come after the transition
 *   3. it is invisible: it changed nothing that the oracles look at, and raised no interrupt
 *   4. a store into the CPU's own buffer is touched by nobody else: 1 does not apply to it, nor can
 *      the draining of an older store tell the difference; but no interrupt may come before it, for
 *      updates in the handler would then not wait for it
 * Waking loops that wait is no dependence: a turn of a loop that finds nothing new comes back to
 * where it was.
 *
 * What a CPU may still do is learned. A place of a CPU is the call of its body that it is in, file
 * and line where it stands, and the generation that it took; a node is a place together with a
 * context, the number of requests made by all CPUs so far. The search notes from which node to
 * which a CPU has gone, and what it touched there; a node's future is what is touched there, at all
 * nodes that can be reached from it, at the same place in later contexts, and by the CPU's handler
 * anywhere. Contexts only grow (where counters wrap there is but one).
 *
 * The search begins with nothing learned and is made anew until one has learned nothing. That last
 * one is sound: take a shortest schedule that does what no future has in it; all that comes before
 * it is reordered as above into a schedule of the search, by futures that hold so far; which
 * therefore comes to a state where that very transition is taken, and would have learned it.
 *
 * Transitions that are taken alone are taken at once, before a state is kept: each state that is
 * kept has all its transitions tried, so no cycle can leave anything out for ever. From which
 * states the end can be reached is preserved too: whatever a full schedule does from a state that
 * is kept is done, in another order, by one of the search.
 */
#include <string.h>

#include "reduce.h"

/* Words are numbered as they are met; the last number is of all that have no other. */
enum {
	PLACES_MAX = 2048,
	CONTEXTS = 8,
	NODES = PLACES_MAX * CONTEXTS,
	EDGES_MAX = 1 << 16,
	WORDS = 128,
	BITS = WORDS / 64,
};

struct touched {
	uint64_t reads[BITS], writes[BITS];
};

struct place {
	const char *file;
	int line;
	unsigned phase, request;
};

bool reducing = true;

static struct place places[PLACES_MAX];      /* 0 is not used */
static uint16_t place_table[PLACES_MAX * 2]; /* by hash; 0: free */
static unsigned place_count;
static uint8_t word_numbers[WORDS_MAX]; /* 0: not met yet */
static unsigned word_count;
static struct touched here[CPUS_MAX][NODES];
static struct touched future[CPUS_MAX][NODES];
static struct touched handler[CPUS_MAX];
static struct edge {
	uint32_t cpu, from, to; /* to: 0: free */
} edges[EDGES_MAX];             /* by hash */
static unsigned edge_count;
static bool interrupted[CPUS_MAX]; /* the CPU took an interrupt, somewhere */
static bool learned;
static bool wraps; /* contexts do not only grow */

uint8_t
reduce_context(void)
{
	uintptr_t sum = 0;

	for (unsigned s = 0; s < SPACES_MAX; s++)
		sum += space_of(s)->gen.value;
	return wraps ? 0 : sum < CONTEXTS ? (uint8_t)sum : CONTEXTS - 1;
}

bool
reduce_is_context(const struct salvo_word *word)
{
	for (unsigned s = 0; s < SPACES_MAX; s++)
		if (word == &space_of(s)->gen)
			return true;
	return false;
}

void
reduce_open(void)
{
	memset(place_table, 0, sizeof(place_table));
	memset(word_numbers, 0, sizeof(word_numbers));
	place_count = word_count = 0;
	memset(here, 0, sizeof(here));
	memset(future, 0, sizeof(future));
	memset(handler, 0, sizeof(handler));
	memset(edges, 0, sizeof(edges));
	memset(interrupted, 0, sizeof(interrupted));
	edge_count = 0;
	learned = false;
	wraps = SALVO_COUNTER_BITS < 16;
}

/* reduce_place: where a CPU stands. */
uint16_t
reduce_place(const struct cpu *cpu)
{
	const struct pending *pending = &cpu->pending;
	size_t i = (uintptr_t)pending->file * 31 + (unsigned)pending->line * 2u +
		   cpu->phase * 977u + cpu->request * 131u;

	for (;; i++) {
		uint16_t *slot = &place_table[i % (PLACES_MAX * 2)];
		const struct place *place;

		if (*slot == 0 && place_count + 1 < PLACES_MAX) {
			*slot = (uint16_t)++place_count;
			places[*slot] = (struct place){
				pending->file, pending->line, cpu->phase, cpu->request};
		}
		place = &places[*slot];
		if (*slot == 0)
			fail(0, "the explorer has no room for more places");
		else if (place->file != pending->file || place->line != pending->line ||
			 place->phase != cpu->phase || place->request != cpu->request)
			continue;
		return *slot;
	}
}

/* ---- Learning ---- */

/* number_word: a small number for a word. */
static unsigned
number_word(uint16_t word)
{
	if (word_numbers[word] == 0)
		word_numbers[word] = (uint8_t)(word_count < WORDS - 1 ? ++word_count : WORDS - 1);
	return word_numbers[word];
}

static void
learn_bit(uint64_t *bits, uint16_t word)
{
	unsigned number;

	if (word == NO_WORD)
		return;
	number = number_word(word);
	if ((bits[number / 64] >> number % 64 & 1) != 0)
		return;
	bits[number / 64] |= (uint64_t)1 << number % 64;
	learned = true;
}

static void
learn_edge(unsigned cpu, uint32_t from, uint32_t to)
{
	size_t i = (from * 4099u + to * 61u + cpu) % EDGES_MAX;

	if (from == to)
		return;
	for (; edges[i].to != 0; i = (i + 1) % EDGES_MAX)
		if (edges[i].cpu == cpu && edges[i].from == from && edges[i].to == to)
			return;
	if (++edge_count == EDGES_MAX) {
		fail(0, "the explorer has no room for more places");
		return;
	}
	edges[i] = (struct edge){cpu, from, to};
	learned = true;
}

static uint32_t
node_of(piece shared, piece local)
{
	return (uint32_t)(state_local(local)->place * CONTEXTS + state_context(shared));
}

void
reduce_learn(unsigned cpu, const piece *key, enum command command,
	const struct transition *transition, uint16_t touched)
{
	const struct local *before = state_local(key[1 + cpu]);
	uint32_t node = node_of(key[0], key[1 + cpu]);
	struct touched *set = before->in_handler ? &handler[cpu] : &here[cpu][node];

	if (!reducing)
		return;
	if (command == DRAIN) {
		/* The store was made in the handler, or before: wherever the CPU is by now. */
		learn_bit(here[cpu][node].writes, before->drain_word);
		return;
	}
	if (command == TAKE_INTERRUPT && !interrupted[cpu])
		interrupted[cpu] = learned = true;
	learn_bit(set->writes, touched);
	if (command == GO_ON) {
		learn_bit(set->reads, before->operation == OP_STORE ? NO_WORD : before->word);
		learn_bit(set->writes, before->operation == OP_LOAD ? NO_WORD : before->word);
	}
	learn_edge(cpu, node, node_of(transition->shared, transition->local));
}

bool
reduce_learned(void)
{
	return learned;
}

static bool
add(struct touched *to, const struct touched *from)
{
	bool more = false;

	for (unsigned i = 0; i < BITS; i++) {
		more |= (from->reads[i] & ~to->reads[i]) != 0 ||
			(from->writes[i] & ~to->writes[i]) != 0;
		to->reads[i] |= from->reads[i];
		to->writes[i] |= from->writes[i];
	}
	return more;
}

void
reduce_apply(unsigned cpu_count)
{
	unsigned nodes = (place_count + 1) * CONTEXTS;
	bool more = true;

	for (unsigned c = 0; c < cpu_count; c++)
		for (unsigned n = 0; n < nodes; n++) {
			future[c][n] = here[c][n];
			add(&future[c][n], &handler[c]);
		}
	while (more) {
		more = false;
		for (unsigned i = 0; i < EDGES_MAX; i++)
			more |= edges[i].to != 0 && add(&future[edges[i].cpu][edges[i].from],
							    &future[edges[i].cpu][edges[i].to]);
		for (unsigned c = 0; c < cpu_count; c++)
			for (unsigned n = nodes - 1; n-- > 0;)
				more |= n % CONTEXTS != CONTEXTS - 1 &&
					add(&future[c][n], &future[c][n + 1]);
	}
	learned = false;
}

/* ---- Choosing ---- */

static bool
conflicts(const struct touched *set, uint16_t word, bool writes)
{
	unsigned number = number_word(word);
	uint64_t bit = (uint64_t)1 << number % 64;

	return (set->writes[number / 64] & bit) != 0 ||
	       (writes && (set->reads[number / 64] & bit) != 0);
}

/* others_touch: 1. */
static bool
others_touch(const piece *key, unsigned cpu_count, unsigned cpu, uint16_t word, bool writes)
{
	for (unsigned c = 0; c < cpu_count; c++)
		if (c != cpu && conflicts(&future[c][node_of(key[0], key[1 + c])], word, writes))
			return true;
	return false;
}

/* may_be_alone: 1, 2 and 4, before the transition is made. */
static bool
may_be_alone(const piece *key, unsigned cpu_count, uint8_t via)
{
	unsigned cpu = via_cpu(via);
	const struct local *local = state_local(key[1 + cpu]);
	bool drains = via_command(via) == DRAIN, buffers;
	bool writes = drains || local->operation != OP_LOAD;
	uint16_t word = drains ? local->drain_word : local->word;

	if (!drains && local->operation > OP_UPDATE && local->operation != OP_FENCE)
		return false;
	if (!drains && local->operation == OP_FENCE)
		return true;
	if (word == NO_WORD)
		return false;
	/* A store held back before the handler's is one that the handler's updates would wait for.
	 */
	buffers = tso && !drains && local->operation == OP_STORE;
	if (!drains && !local->irqs_off && conflicts(&handler[cpu], word, writes))
		return false;
	if (buffers)
		return local->irqs_off || !interrupted[cpu];
	return !others_touch(key, cpu_count, cpu, word, writes);
}

bool
reduce_only(const piece *key, unsigned cpu_count, uint8_t *via, struct transition *transition)
{
	for (unsigned i = 0; i < cpu_count * 2; i++) {
		unsigned cpu = i / 2;
		const struct local *local = state_local(key[1 + cpu]);

		*via = via_of(cpu, i % 2 == 0 ? DRAIN : GO_ON, 0);
		if (!state_can(key, *via) || !may_be_alone(key, cpu_count, *via))
			continue;
		if (!state_take(key, *via, transition))
			return false;
		if (!transition->visible && !transition->impossible &&
			(local->irqs_off || !state_local(transition->local)->irqs_off))
			return true;
	}
	return false;
}
