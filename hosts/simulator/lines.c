// SPDX-License-Identifier: MIT
/*
 * lines.c: what it costs to move cache lines between CPUs.
 *
 * A line has a version, which every write makes new that other CPUs must notice, the CPU that wrote
 * it last, and the one that read it last. A CPU remembers the versions that it has fetched, in a
 * small table: the same version there is a hit. A miss costs what the distance to the last writer
 * does, and waits until the line is there: whoever wrote it has had it until `ready`. So CPUs that
 * write to one line wait for each other, and nobody reads a value before it was written. A plain store
 * does not wait: it reaches its line later, in the order of stores; updates and fences wait for them.
 *
 * Order. A miss waits until no other CPU's event is earlier. A hit may run ahead by `slack`, which
 * is what an invalidation takes to arrive: so long a CPU goes by what it has on hardware as well.
 */
#include <string.h>

#include "arena.h"
#include "clock.h"
#include "cpu.h"
#include "lines.h"
#include "machine.h"

enum {
	CACHED = 2048,   /* lines that a CPU remembers: 128 KiB */
	TURN_LINES = 16, /* that a waiting loop may read */
	BUCKETS = 4096,
};

#define LINES (ARENA_BYTES >> LINE_SHIFT)

struct line {
	uint64_t ready : 56; /* when the last writer had it */
	uint64_t kind : 7;
	uint64_t watched : 1;
	uint32_t version; /* 0: never touched */
	uint16_t writer;
	uint16_t reader; /* the last CPU that fetched it; the writer if nobody has since */
};

struct cached {
	uint32_t line; /* and one more */
	uint32_t version;
};

/* A line that a CPU waits for. A CPU's own are `cpu` * TURN_LINES and following. */
struct watch {
	uint32_t line;
	uint32_t next; /* in the bucket, and one more */
};

/* What a CPU has read since its last turn. */
struct turn {
	unsigned count; /* TURN_LINES + 1: too many to watch */
	uint32_t lines[TURN_LINES];
	uint32_t versions[TURN_LINES];
};

uint64_t lines_moved[LINES_KINDS];
uint64_t lines_waits[LINES_KINDS];
const char *const lines_names[LINES_KINDS] = {
	[LINES_CPU] = "cpu",
	[LINES_SPACE] = "space",
	[LINES_TABLE] = "page table",
	[LINES_LOCK] = "table lock",
	[LINES_FRAME] = "frame",
	[LINES_NODE] = "node",
	[LINES_FILE] = "file",
	[LINES_CALL] = "call",
	[LINES_HOST] = "other",
};

static struct line *lines;
static struct cached (*caches)[CACHED];
static struct turn *turns;
static uint64_t stored[CLOCK_CPUS_MAX]; /* when a CPU's stores so far have reached their lines */
static struct watch *watches;
static uint32_t buckets[BUCKETS];

void
lines_reset(void)
{
	arena_reset();
	lines = arena_renew(lines, LINES * sizeof(*lines));
	caches = arena_renew(caches, CLOCK_CPUS_MAX * sizeof(*caches));
	turns = arena_renew(turns, CLOCK_CPUS_MAX * sizeof(*turns));
	watches = arena_renew(watches, CLOCK_CPUS_MAX * TURN_LINES * sizeof(*watches));
	memset(buckets, 0, sizeof(buckets));
	memset(stored, 0, sizeof(stored));
}

/* ---- Waiting for a line ---- */

static uint32_t *
bucket_of(uint32_t line)
{
	return &buckets[line * 2654435761u >> 20 & (BUCKETS - 1)];
}

/* notify: whoever waits for the line goes on when it is written. */
static void
notify(uint32_t line)
{
	for (uint32_t i = *bucket_of(line); i != 0; i = watches[i - 1].next)
		if (watches[i - 1].line == line)
			clock_wake((i - 1) / TURN_LINES, lines[line].ready);
}

static void
watch(unsigned cpu, unsigned i, uint32_t line)
{
	uint32_t *bucket = bucket_of(line);
	uint32_t at = cpu * TURN_LINES + i;

	watches[at] = (struct watch){.line = line, .next = *bucket};
	*bucket = at + 1;
	lines[line].watched = 1;
}

static void
unwatch(unsigned cpu, unsigned i, uint32_t line)
{
	uint32_t mine = cpu * TURN_LINES + i + 1;
	bool others = false;

	for (uint32_t *at = bucket_of(line); *at != 0;) {
		if (*at == mine) {
			*at = watches[mine - 1].next;
			continue;
		}
		others |= watches[*at - 1].line == line;
		at = &watches[*at - 1].next;
	}
	lines[line].watched = others;
}

/* note_read: a waiting loop of this CPU looks at the line. */
static void
note_read(uint32_t line)
{
	struct turn *turn = &turns[clock_cpu];

	if (turn->count > TURN_LINES)
		return;
	for (unsigned i = 0; i < turn->count && i < TURN_LINES; i++)
		if (turn->lines[i] == line) {
			turn->versions[i] = lines[line].version;
			return;
		}
	if (turn->count < TURN_LINES) {
		turn->lines[turn->count] = line;
		turn->versions[turn->count] = lines[line].version;
	}
	if (turn->count <= TURN_LINES)
		turn->count++;
}

static bool
turn_is_stale(const struct turn *turn)
{
	for (unsigned i = 0; i < turn->count; i++)
		if (lines[turn->lines[i]].version != turn->versions[i])
			return true;
	return turn->count > TURN_LINES;
}

void
lines_turn(void)
{
	unsigned cpu = clock_cpu;
	struct turn *turn = &turns[cpu];

	charge(machine.line.relax);
	cpu_look();
	if (turn->count > TURN_LINES || turn_is_stale(turn)) {
		turn->count = 0;
		return;
	}
	for (unsigned i = 0; i < turn->count; i++)
		watch(cpu, i, turn->lines[i]);
	cpu_sleep(CLOCK_NEVER);
	for (unsigned i = 0; i < turn->count; i++)
		unwatch(cpu, i, turn->lines[i]);
	turn->count = 0;
}

/* ---- Accesses ---- */

/* move_cost: of a line that comes from this CPU; counted. */
static uint64_t
move_cost(struct line *line, unsigned holder)
{
	uint64_t cost = machine.line.memory;

	if (line->version == 0)
		line->kind = arena_kind((uint32_t)(line - lines));
	else
		cost = machine_line_cost(clock_cpu, holder);
	lines_moved[line->kind]++;
	return cost;
}

/*
 * fetch: the line moves here from its holder, if others have had it; nobody has who did not wait
 * until the last writer was done.
 */
static void
fetch(struct line *line, unsigned holder)
{
	uint64_t before = clock_now;

	if (clock_now < line->ready)
		clock_now = line->ready;
	charge(move_cost(line, holder));
	lines_waits[line->kind] += clock_now - before;
}

/* is_cached: the CPU has the line as it is. */
static bool
is_cached(uint32_t number)
{
	const struct cached *entry = &caches[clock_cpu][number % CACHED];

	return entry->line == number + 1 && entry->version == lines[number].version;
}

static void
remember(uint32_t number)
{
	caches[clock_cpu][number % CACHED] =
		(struct cached){.line = number + 1, .version = lines[number].version};
}

/* in_order: others go first that are earlier by more than this; true if they have gone. */
static bool
in_order(uint64_t slack)
{
	if (clock_now <= clock_horizon + slack)
		return false;
	cpu_look();
	return true;
}

static void
read_line(uint32_t number)
{
	struct line *line = &lines[number];

	for (;;) {
		if (is_cached(number)) {
			if (in_order(machine.line.slack))
				continue;
			charge(machine.line.hit);
			break;
		}
		if (in_order(0))
			continue;
		fetch(line, line->writer);
		if (line->version == 0) {
			line->version = 1;
			line->writer = (uint16_t)clock_cpu;
		}
		line->reader = (uint16_t)clock_cpu;
		remember(number);
		break;
	}
}

uint64_t
lines_stored(void)
{
	return clock_now < stored[clock_cpu] ? stored[clock_cpu] : clock_now;
}

/* drain: the CPU waits until its stores have reached their lines. */
static void
drain(void)
{
	clock_now = lines_stored();
}

/* update_line: a write that the CPU waits for: the line is here, and its own alone, when it is over. */
static void
update_line(uint32_t number)
{
	struct line *line = &lines[number];

	drain();
	for (;;) {
		bool mine = line->writer == clock_cpu && line->reader == clock_cpu;

		if (mine && is_cached(number)) {
			if (in_order(machine.line.slack))
				continue;
			break;
		}
		if (in_order(0))
			continue;
		fetch(line, line->reader == clock_cpu ? line->writer : line->reader);
		line->version++;
		line->writer = line->reader = (uint16_t)clock_cpu;
		remember(number);
		break;
	}
	charge(machine.line.update);
	line->ready = clock_now;
	if (line->watched)
		notify(number);
}

/*
 * store_line: a write that goes on while the CPU does, in the order of its stores: the line is its own
 * at once for whoever looks, who then waits until the store is there.
 */
static void
store_line(uint32_t number)
{
	struct line *line = &lines[number];
	uint64_t *done = &stored[clock_cpu];
	bool mine;

	for (;;) {
		mine = line->writer == clock_cpu && line->reader == clock_cpu && is_cached(number);
		if (!in_order(mine ? machine.line.slack : 0))
			break;
	}
	charge(machine.line.hit);
	if (*done < clock_now)
		*done = clock_now;
	if (!mine) {
		uint64_t there = clock_now > line->ready ? clock_now : line->ready;

		there += move_cost(line, line->reader == clock_cpu ? line->writer : line->reader);
		if (*done < there)
			*done = there;
		line->version++;
		line->writer = line->reader = (uint16_t)clock_cpu;
		remember(number);
	}
	line->ready = *done;
	if (line->watched)
		notify(number);
}

/* line_of: the number of an object's line; false if no other CPU can reach it. */
static bool
line_of(const void *object, uint32_t *number)
{
	size_t offset = (size_t)((const unsigned char *)object - arena);

	if (!clock_running)
		return false;
	*number = (uint32_t)(offset >> LINE_SHIFT);
	return offset < ARENA_BYTES;
}

void
lines_touch(const void *object, bool write)
{
	uint32_t number;

	if (!line_of(object, &number))
		return;
	if (write)
		store_line(number);
	else
		read_line(number);
}

uintptr_t
lines_load(const struct salvo_word *word)
{
	uint32_t number;

	if (line_of(word, &number)) {
		read_line(number);
		note_read(number);
	}
	return word->value;
}

static void
update(const struct salvo_word *word)
{
	uint32_t number;

	if (line_of(word, &number))
		update_line(number);
}

void
lines_store(struct salvo_word *word, uintptr_t value)
{
	uint32_t number;

	if (line_of(word, &number))
		store_line(number);
	word->value = value;
}

uintptr_t
lines_add(struct salvo_word *word, uintptr_t amount)
{
	uintptr_t before;

	update(word);
	before = word->value;
	word->value += amount;
	return before;
}

uintptr_t
lines_or(struct salvo_word *word, uintptr_t bits)
{
	uintptr_t before;

	update(word);
	before = word->value;
	word->value |= bits;
	return before;
}

uintptr_t
lines_and(struct salvo_word *word, uintptr_t bits)
{
	uintptr_t before;

	update(word);
	before = word->value;
	word->value &= bits;
	return before;
}

uintptr_t
lines_exchange(struct salvo_word *word, uintptr_t value)
{
	uintptr_t before;

	update(word);
	before = word->value;
	word->value = value;
	return before;
}

bool
lines_compare_exchange(struct salvo_word *word, uintptr_t *expected, uintptr_t value)
{
	uintptr_t before;

	update(word);
	before = word->value;
	if (before != *expected) {
		*expected = before;
		return false;
	}
	word->value = value;
	return true;
}

void
lines_fence(void)
{
	if (!clock_running)
		return;
	drain();
	charge(machine.line.fence);
}
