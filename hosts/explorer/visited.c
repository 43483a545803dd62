// SPDX-License-Identifier: MIT
/*
 * visited.c: see visited.h. A slot of the table is a state's number plus one, and above it bits of
 * the hash, which save comparisons.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "visited.h"

size_t visited_count;

static unsigned width;
static piece *keys; /* `width` numbers a state */
static uint32_t *parents;
static uint8_t *vias;
static uint32_t *table;
static size_t table_size;

const piece *
visited_key(uint32_t state)
{
	return keys + (size_t)state * width;
}

uint32_t
visited_parent(uint32_t state)
{
	return parents[state];
}

uint8_t
visited_via(uint32_t state)
{
	return vias[state];
}

static uint64_t
hash_of(const piece *key)
{
	return XXH3_64bits(key, width * sizeof(piece));
}

static uint32_t
slot_of(uint64_t hash, size_t state)
{
	return (uint32_t)(hash >> 32 >> NUMBER_BITS << NUMBER_BITS | (state + 1));
}

/* first_slot: any size of table will do, so that it need not be doubled. */
static size_t
first_slot(uint64_t hash)
{
	return (size_t)((hash & UINT32_MAX) * table_size >> 32);
}

static size_t
next_slot(size_t i)
{
	return i + 1 == table_size ? 0 : i + 1;
}

static void
grow_table(void)
{
	free(table);
	table_size += table_size / 4;
	table = calloc(table_size, sizeof(*table));
	if (table == NULL) {
		fputs("salvo: out of memory\n", stderr);
		exit(2);
	}
	for (uint32_t s = 0; s < visited_count; s++) {
		uint64_t hash = hash_of(visited_key(s));
		size_t i = first_slot(hash);

		while (table[i] != 0)
			i = next_slot(i);
		table[i] = slot_of(hash, s);
	}
}

uint32_t
visited_number(const piece *key, uint32_t parent, uint8_t via)
{
	uint64_t hash = hash_of(key);
	size_t i = first_slot(hash);
	uint32_t tag = slot_of(hash, 0) - 1;

	for (; table[i] != 0; i = next_slot(i))
		if ((table[i] ^ tag) >> NUMBER_BITS == 0) {
			uint32_t state = (table[i] & (STATES_MAX - 1)) - 1;

			if (memcmp(visited_key(state), key, width * sizeof(piece)) == 0)
				return state;
		}
	memcpy(keys + visited_count * width, key, width * sizeof(piece));
	parents[visited_count] = parent;
	vias[visited_count] = via;
	table[i] = slot_of(hash, visited_count);
	if (++visited_count * 6 > table_size * 5)
		grow_table();
	return (uint32_t)visited_count - 1;
}

size_t
visited_bytes(void)
{
	return visited_count * (width * sizeof(piece) + sizeof(*parents) + sizeof(*vias)) +
	       table_size * sizeof(*table);
}

void
visited_open(unsigned key_width)
{
	width = key_width;
	keys = store_reserve(STATES_MAX * width * sizeof(piece));
	parents = store_reserve(STATES_MAX * sizeof(*parents));
	vias = store_reserve(STATES_MAX);
	visited_count = 0;
	table_size = 1024;
	table = calloc(table_size, sizeof(*table));
}

void
visited_close(void)
{
	store_release(keys, STATES_MAX * width * sizeof(piece));
	store_release(parents, STATES_MAX * sizeof(*parents));
	store_release(vias, STATES_MAX);
	free(table);
}
