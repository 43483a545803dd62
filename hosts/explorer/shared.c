// SPDX-License-Identifier: MIT
/*
 * shared.c: shared memory as a number. It is kept in parts, of which most stay as they are in a
 * transition, and these in groups: each distinct part and group is kept once.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shared.h"

enum {
	SHARED_MAX = 1 << 28,
	PART = 256,
	GROUP = 4,
	GROUPS_MAX = 12,
	PARTS_MAX = GROUPS_MAX * GROUP
};

static struct part {
	unsigned char *start;
	size_t length;
} parts[PARTS_MAX];
static unsigned part_count;

/* What is to be seen without restoring, and what each group of parts holds. */
struct shared {
	uint8_t interrupted, blocked; /* CPUs, see struct wires */
	uint16_t padding;
	piece groups[];
};

#define BYTES_MAX (SHARED_MAX * (sizeof(struct shared) + GROUPS_MAX * sizeof(piece)))

static struct store chunks, groups;
static unsigned char *shareds; /* one after the other, of as many groups as there are */
static uint32_t *table;        /* of their numbers, by hash */
static size_t table_size, count;

/* What memory holds at the moment. */
static piece now_parts[PARTS_MAX], now_groups[GROUPS_MAX], now;

static size_t
groups_length(void)
{
	return (part_count + GROUP - 1) / GROUP * sizeof(piece);
}

static struct shared *
shared_of(piece shared)
{
	const size_t size = sizeof(struct shared) + groups_length();

	return (struct shared *)(void *)(shareds + shared * size);
}

/* ---- Words ---- */

uint16_t
shared_word_number(const void *word)
{
	const unsigned char *byte = word;

	for (unsigned k = 0; k < part_count; k++)
		if (byte >= parts[k].start && byte < parts[k].start + parts[k].length)
			return (uint16_t)((k * PART + (size_t)(byte - parts[k].start)) /
					  sizeof(uintptr_t));
	return NO_WORD;
}

/* part_of: the number of what a part holds. */
static piece
part_of(piece shared, size_t part)
{
	size_t length;
	const piece *group = store_get(&groups, shared_of(shared)->groups[part / GROUP], &length);

	return group[part % GROUP];
}

uintptr_t
state_word(piece shared, uint16_t word)
{
	const size_t byte = word * sizeof(uintptr_t);
	size_t length;
	uintptr_t value;
	const char *chunk = store_get(&chunks, part_of(shared, byte / PART), &length);

	memcpy(&value, chunk + byte % PART, sizeof(value));
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

bool
shared_blocked(piece shared, unsigned cpu)
{
	return (shared_of(shared)->blocked >> cpu & 1) != 0;
}

/* ---- Numbers ---- */

/* slot_of: where the table has what the groups are, or would have it. */
static size_t
slot_of(const piece *of)
{
	size_t i = (size_t)((XXH3_64bits(of, groups_length()) & UINT32_MAX) * table_size >> 32);

	while (table[i] != 0 && memcmp(shared_of(table[i])->groups, of, groups_length()) != 0)
		i = i + 1 == table_size ? 0 : i + 1;
	return i;
}

static void
grow_table(void)
{
	free(table);
	table_size += table_size / 4;
	table = calloc(table_size, sizeof(*table));
	if (table == NULL) {
		fputs("explorer: out of memory\n", stderr);
		exit(2);
	}
	for (piece p = 1; p <= count; p++)
		table[slot_of(shared_of(p)->groups)] = p;
}

/* number: of what now_groups says. New ones are checked: oracles look at shared memory only. */
static piece
number(void)
{
	const size_t i = slot_of(now_groups);
	struct shared *shared;

	if (table[i] != 0)
		return table[i];
	tlb_check();
	if (failed)
		return 0; /* no state: whoever comes here again fails again */
	shared = shared_of((piece)++count);
	shared->interrupted = wires.interrupted;
	shared->blocked = wires.polling & (uint8_t)~wires.woken;
	memcpy(shared->groups, now_groups, groups_length());
	table[i] = (piece)count;
	if (count * 6 > table_size * 5)
		grow_table();
	return (piece)count;
}

/* capture_part: whether it has changed. */
static bool
capture_part(unsigned k)
{
	size_t had;

	if (now_parts[k] != 0 && memcmp(store_get(&chunks, now_parts[k], &had), parts[k].start,
					 parts[k].length) == 0)
		return false;
	now_parts[k] = store_put(&chunks, parts[k].start, parts[k].length);
	return true;
}

piece
shared_capture(void)
{
	bool changed = false;

	for (unsigned g = 0; g * GROUP < part_count; g++) {
		bool other = false;

		for (unsigned k = g * GROUP; k < (g + 1) * GROUP && k < part_count; k++)
			other |= capture_part(k);
		if (!other)
			continue;
		now_groups[g] = store_put(&groups, &now_parts[g * GROUP], GROUP * sizeof(piece));
		changed = true;
	}
	if (changed)
		now = number();
	return now;
}

static void
restore_group(unsigned g, piece group)
{
	size_t length;
	const piece *of = store_get(&groups, group, &length);

	for (unsigned k = g * GROUP; k < (g + 1) * GROUP && k < part_count; k++) {
		if (of[k % GROUP] == now_parts[k])
			continue;
		now_parts[k] = of[k % GROUP];
		memcpy(parts[k].start, store_get(&chunks, now_parts[k], &length), parts[k].length);
	}
	now_groups[g] = group;
}

void
shared_restore(piece shared)
{
	if (shared == now)
		return;
	for (unsigned g = 0; g * GROUP < part_count; g++)
		if (shared_of(shared)->groups[g] != now_groups[g])
			restore_group(g, shared_of(shared)->groups[g]);
	now = shared;
}

/* ---- Begin and end ---- */

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

void
shared_open(void)
{
	store_open(&chunks);
	store_open(&groups);
	shareds = store_reserve(BYTES_MAX);
	count = 0;
	table_size = 1024;
	table = calloc(table_size, sizeof(*table));
	memset(now_parts, 0, sizeof(now_parts));
	memset(now_groups, 0, sizeof(now_groups));
	now = 0;
	part_count = 0;
	clear(__start_explored, __stop_explored);
	clear(__start_walked, __stop_walked);
	clear(__start_late, __stop_late);
	clear(__start_simulated, __stop_simulated);
}

void
shared_begin(void)
{
	add_parts(__start_explored, __stop_explored);
	add_parts(__start_walked, __stop_walked);
	if (late_is_used())
		add_parts(__start_late, __stop_late);
	if (simulated_is_used())
		add_parts(__start_simulated, __stop_simulated);
}

void
shared_close(void)
{
	store_close(&chunks);
	store_close(&groups);
	store_release(shareds, BYTES_MAX);
	free(table);
}

size_t
shared_bytes(void)
{
	return store_bytes(&chunks) + store_bytes(&groups) +
	       count * (sizeof(struct shared) + groups_length()) + table_size * sizeof(*table);
}
