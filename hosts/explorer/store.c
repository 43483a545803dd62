// SPDX-License-Identifier: MIT
/*
 * store.c: see store.h. Arrays grow in reserved address space and never move.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "store.h"

#define PIECES_MAX ((size_t)1 << 30)
#define BYTES_MAX  ((size_t)1 << 38)

void *
store_reserve(size_t bytes)
{
	void *start = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED) {
		perror("explorer: no address space");
		exit(2);
	}
	return start;
}

void
store_release(void *start, size_t bytes)
{
	munmap(start, bytes);
}

void
store_open(struct store *store)
{
	*store = (struct store){.mask = 1023};
	store->table = calloc(store->mask + 1, sizeof(piece));
	store->starts = store_reserve((PIECES_MAX + 1) * sizeof(uint64_t));
	store->bytes = store_reserve(BYTES_MAX);
}

void
store_close(struct store *store)
{
	free(store->table);
	store_release(store->starts, (PIECES_MAX + 1) * sizeof(uint64_t));
	store_release(store->bytes, BYTES_MAX);
}

const void *
store_get(const struct store *store, piece piece, size_t *length)
{
	uint64_t start = store->starts[piece - 1];

	*length = store->starts[piece] - start;
	return store->bytes + start;
}

size_t
store_bytes(const struct store *store)
{
	return store->starts[store->count] + store->count * sizeof(uint64_t) +
	       (store->mask + 1) * sizeof(piece);
}

static void
grow(struct store *store)
{
	size_t mask = store->mask * 2 + 1;
	piece *table = calloc(mask + 1, sizeof(piece));

	if (table == NULL) {
		fputs("explorer: out of memory\n", stderr);
		exit(2);
	}
	for (piece p = 1; p <= store->count; p++) {
		size_t length;
		const void *bytes = store_get(store, p, &length);
		size_t i = XXH3_64bits(bytes, length) & mask;

		while (table[i] != 0)
			i = (i + 1) & mask;
		table[i] = p;
	}
	free(store->table);
	store->table = table;
	store->mask = mask;
}

piece
store_put(struct store *store, const void *bytes, size_t length)
{
	size_t i = XXH3_64bits(bytes, length) & store->mask;
	uint64_t start = store->starts[store->count];

	for (; store->table[i] != 0; i = (i + 1) & store->mask) {
		size_t have;
		const void *old = store_get(store, store->table[i], &have);

		if (have == length && memcmp(old, bytes, length) == 0)
			return store->table[i];
	}
	memcpy(store->bytes + start, bytes, length);
	store->starts[++store->count] = start + length;
	store->table[i] = (piece)store->count;
	if (store->count * 2 > store->mask)
		grow(store);
	return (piece)store->count;
}
