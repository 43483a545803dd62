// SPDX-License-Identifier: MIT
/*
 * ahead.c: what CPUs may do while others stand still.
 *
 * From the place where a CPU stands, events are followed whose value is what the word holds now, or
 * whose word somebody who does not stand still may write. So a CPU that waits for an answer of one
 * that stands still can do nothing but wait, and one that finds an entry of a ring claimed reads it
 * no further.
 *
 * Handlers are followed from wherever a CPU comes to that has interrupts on; the place that was
 * interrupted stays a place where the CPU stands. A CPU that stands still may be interrupted all
 * the same.
 *
 * What a CPU may do from a place on depends on which of the conditions that it can come to there
 * hold, and on nothing else: so it is found out once for each case, and looked up from then on.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "ahead.h"

enum { CONDITIONS = 128, LATELY = 1 << 14, FOUND = 1 << 16 };

struct condition {
	uint8_t word;
	uintptr_t value;
};

/* A bit for each condition of a CPU that holds, or matters; and the words that they are about. */
struct pattern {
	uint64_t bits[CONDITIONS / 64];
	struct words words;
};

/* Where a CPU stands. */
struct stand {
	uint16_t place; /* 0: it stands still, but may be interrupted */
	uint16_t base;  /* what a handler interrupted; 0: nothing */
	uint32_t cpu;
};

/* ---- Events by CPU and place ---- */

static struct event *sorted; /* by CPU and place */
static unsigned event_count;
static uint32_t starts[CPUS_MAX][PLACES_MAX + 1];
static struct condition conditions[CPUS_MAX][CONDITIONS];
static unsigned condition_count[CPUS_MAX];
static struct pattern matter[CPUS_MAX][PLACES_MAX]; /* what the CPU may come to from there on */

/*
 * number_condition: give the event's condition a number among those of its CPU. If there is none
 * left the event is taken for possible always.
 */
static void
number_condition(struct event *event)
{
	struct condition *of_cpu = conditions[event->cpu];
	unsigned *count = &condition_count[event->cpu], i;

	for (i = 0; i < *count; i++)
		if (of_cpu[i].word == event->word && of_cpu[i].value == event->value)
			break;
	if (i == CONDITIONS) {
		event->word = 0;
		return;
	}
	of_cpu[i] = (struct condition){event->word, event->value};
	event->condition = (uint8_t)i;
	if (i == *count)
		++*count;
}

static bool
add_pattern(struct pattern *to, const struct pattern *from)
{
	uint64_t more = 0;

	for (unsigned i = 0; i < CONDITIONS / 64; i++) {
		more |= from->bits[i] & ~to->bits[i];
		to->bits[i] |= from->bits[i];
	}
	for (unsigned i = 0; i < WORDS / 64; i++)
		to->words.bits[i] |= from->words.bits[i];
	return more != 0;
}

/* find_what_matters: at a place, what its own events want, and what matters where they lead. */
static void
find_what_matters(void)
{
	bool more = true;

	memset(matter, 0, sizeof(matter));
	for (unsigned e = 0; e < event_count; e++) {
		struct pattern *here = &matter[sorted[e].cpu][sorted[e].from];

		if (sorted[e].word == 0)
			continue;
		here->bits[sorted[e].condition / 64] |= (uint64_t)1 << sorted[e].condition % 64;
		add_word(&here->words, sorted[e].word);
	}
	while (more) {
		more = false;
		for (unsigned e = event_count; e-- > 0;)
			more |= add_pattern(&matter[sorted[e].cpu][sorted[e].from],
				&matter[sorted[e].cpu][sorted[e].to]);
	}
	for (unsigned c = 0; c < CPUS_MAX; c++)
		for (unsigned p = 1; p < PLACES_MAX; p++)
			add_pattern(&matter[c][p], &matter[c][0]); /* interrupts come anywhere */
}

static void
sort_events(void)
{
	const struct event *events = events_all(&event_count);
	uint32_t n = 0;

	memset(starts, 0, sizeof(starts));
	for (unsigned e = 0; e < event_count; e++)
		starts[events[e].cpu][events[e].from]++;
	for (unsigned c = 0; c < CPUS_MAX; c++)
		for (unsigned p = 0; p <= PLACES_MAX; p++) {
			n += starts[c][p];
			starts[c][p] = n;
		}
	sorted = realloc(sorted, (event_count + 1) * sizeof(*sorted));
	for (unsigned e = 0; e < event_count; e++)
		sorted[--starts[events[e].cpu][events[e].from]] = events[e];
	for (unsigned e = 0; e < event_count; e++)
		if (sorted[e].word != 0)
			number_condition(&sorted[e]);
}

/* ---- Patterns ---- */

/* Which conditions hold where shared memory was looked at lately. */
static struct {
	piece shared;
	bool known[CPUS_MAX];
	struct pattern patterns[CPUS_MAX];
} lately[LATELY];

static bool
holds(const struct condition *condition, unsigned cpu, piece shared)
{
	if (condition->word < HOST_WORD)
		return state_interrupted(shared, cpu);
	return state_word(shared, events_word(condition->word)) == condition->value;
}

static void
find_pattern(struct pattern *pattern, unsigned cpu, piece shared)
{
	memset(pattern, 0, sizeof(*pattern));
	for (unsigned i = 0; i < condition_count[cpu]; i++)
		pattern->bits[i / 64] |= (uint64_t)holds(&conditions[cpu][i], cpu, shared)
					 << i % 64;
}

static const struct pattern *
pattern_of(unsigned cpu, piece shared)
{
	const size_t i = (shared * 0x9e3779b1u >> 8) % LATELY;

	if (lately[i].shared != shared) {
		lately[i].shared = shared;
		memset(lately[i].known, 0, sizeof(lately[i].known));
	}
	if (!lately[i].known[cpu])
		find_pattern(&lately[i].patterns[cpu], cpu, shared);
	lately[i].known[cpu] = true;
	return &lately[i].patterns[cpu];
}

/* ---- One CPU ---- */

/* What was found out last of a CPU that stands so, where of the conditions that matter there these
 * hold, and others may write these of their words; a cache. */
static struct found {
	uint64_t known; /* 0: nothing is */
	struct stand stand;
	struct pattern pattern;
	struct touched touched;
} found[FOUND];

/* The search through a CPU's events. */
static struct {
	struct touched touched;
	const struct pattern *pattern;
	uint16_t queue[PLACES_MAX];
	unsigned queued;
	uint32_t waiting[EVENTS_MAX]; /* events whose condition does not hold yet */
	unsigned waiting_count;
	uint32_t seen[PLACES_MAX]; /* the last query that came there */
	uint32_t query;
} ahead;

static void
visit(uint16_t place)
{
	if (ahead.seen[place] == ahead.query)
		return;
	ahead.seen[place] = ahead.query;
	ahead.queue[ahead.queued++] = place;
}

/* follow: the event, if it is possible. What a place reads is read there, whatever it finds. */
static bool
follow(const struct event *event)
{
	if (event->word != 0 && !has_word(&ahead.pattern->words, event->word) &&
		!has_word(&ahead.touched.writes, event->word) &&
		(ahead.pattern->bits[event->condition / 64] >> event->condition % 64 & 1) == 0) {
		if (event->word > HOST_WORD)
			add_word(&ahead.touched.reads, event->word);
		return false;
	}
	add_touched(&ahead.touched, &event->touched);
	visit(event->to);
	return true;
}

static void
follow_place(unsigned cpu, uint16_t place)
{
	if (events_interruptible(place))
		visit(0);
	for (uint32_t e = starts[cpu][place]; e < event_count; e++) {
		if (sorted[e].cpu != cpu || sorted[e].from != place)
			return;
		if (!follow(&sorted[e]))
			ahead.waiting[ahead.waiting_count++] = e;
	}
}

static void
follow_waiting(void)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ahead.waiting_count; i++)
		if (!follow(&sorted[ahead.waiting[i]]))
			ahead.waiting[kept++] = ahead.waiting[i];
	ahead.waiting_count = kept;
}

static void
find_ahead(const struct stand *stand, const struct pattern *pattern)
{
	ahead.touched = (struct touched){.reads = {{0}}};
	ahead.pattern = pattern;
	ahead.queued = ahead.waiting_count = 0;
	ahead.query++;
	visit(stand->place);
	if (stand->base != 0)
		visit(stand->base);
	while (ahead.queued != 0) {
		follow_place(stand->cpu, ahead.queue[--ahead.queued]);
		if (ahead.queued == 0)
			follow_waiting();
	}
}

static uint64_t
mix(uint64_t hash, uint64_t more)
{
	hash = (hash ^ more) * 0x9e3779b97f4a7c15u;
	return hash ^ hash >> 29;
}

/* cpu_ahead: what a CPU may touch that stands so, where others may write the words `free`. */
static const struct touched *
cpu_ahead(const struct stand *stand, const struct pattern *holding, const struct words *free)
{
	struct pattern matters = matter[stand->cpu][stand->place];
	struct found want = {.known = true, .stand = *stand};
	uint64_t hash = mix(stand->place, (uint64_t)stand->base << 32 | stand->cpu);
	struct found *slot;

	if (stand->base != 0)
		add_pattern(&matters, &matter[stand->cpu][stand->base]);
	for (unsigned i = 0; i < CONDITIONS / 64; i++) {
		want.pattern.bits[i] = holding->bits[i] & matters.bits[i];
		hash = mix(hash, want.pattern.bits[i]);
	}
	for (unsigned i = 0; i < WORDS / 64; i++) {
		want.pattern.words.bits[i] = free->bits[i] & matters.words.bits[i];
		hash = mix(hash, want.pattern.words.bits[i]);
	}
	slot = &found[(hash >> 32) % FOUND];
	if (memcmp(slot, &want, offsetof(struct found, touched)) != 0) {
		find_ahead(stand, &want.pattern);
		want.touched = ahead.touched;
		*slot = want;
	}
	return &slot->touched;
}

/* ---- All CPUs ---- */

/* may_free: words that matter to the CPU, and that others, or stores held back, may write. */
static struct words
may_free(const struct stand *stand, const struct touched *of, unsigned cpu_count,
	const struct words *held)
{
	struct words free = *held;

	for (unsigned i = 0; i < WORDS / 64; i++) {
		for (unsigned c = 0; c < cpu_count; c++)
			free.bits[i] |= c != stand->cpu ? of[c].writes.bits[i] : 0;
		free.bits[i] &= matter[stand->cpu][stand->place].words.bits[i] |
				matter[stand->cpu][stand->base].words.bits[i];
	}
	return free;
}

/*
 * find_stands: where CPUs stand, and what they hold back, which is on its way.
 * Returns the CPUs that can do something.
 */
static unsigned
find_stands(const piece *key, unsigned cpu_count, unsigned still, bool drains, struct stand *stands,
	struct words *held)
{
	unsigned going = 0;

	for (unsigned c = 0; c < cpu_count; c++) {
		const struct local *local = state_local(key[1 + c]);

		for (unsigned i = 0; i < local->held && (drains || (still >> c & 1) == 0); i++)
			events_add_store(held, local->held_words[i]);
		stands[c] = (struct stand){.cpu = c};
		if ((still >> c & 1) == 0)
			stands[c] = (struct stand){local->place, local->base, c};
		else if (local->irqs_off)
			continue;
		going |= 1u << c;
	}
	return going;
}

/* ahead_of: what one of them may write frees others to go on: until nothing more is freed. */
struct touched
ahead_of(const piece *key, unsigned cpu_count, unsigned still, bool drains)
{
	struct touched of[CPUS_MAX] = {{.reads = {{0}}}}, all = {.reads = {{0}}};
	struct words freed[CPUS_MAX];
	struct stand stands[CPUS_MAX];
	const unsigned going = find_stands(key, cpu_count, still, drains, stands, &all.writes);
	bool first = true, more = true;

	for (; more; first = false) {
		more = false;
		for (unsigned c = 0; c < cpu_count; c++) {
			struct words free;

			if ((going >> c & 1) == 0)
				continue;
			free = may_free(&stands[c], of, cpu_count, &all.writes);
			if (!first && memcmp(&free, &freed[c], sizeof(free)) == 0)
				continue;
			freed[c] = free;
			of[c] = *cpu_ahead(&stands[c], pattern_of(c, key[0]), &free);
			more = true;
		}
	}
	for (unsigned c = 0; c < cpu_count; c++)
		add_touched(&all, &of[c]);
	return all;
}

/* ---- Begin ---- */

void
ahead_begin(void)
{
	memset(lately, 0, sizeof(lately));
	memset(found, 0, sizeof(found));
	memset(condition_count, 0, sizeof(condition_count));
	sort_events();
	find_what_matters();
}
