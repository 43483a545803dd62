/* SPDX-License-Identifier: MIT */
/*
 * store.h: keeps each distinct piece of memory once, under a number; compared byte by byte, so two
 * pieces with one number are equal.
 */
#ifndef EXPLORER_STORE_H
#define EXPLORER_STORE_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t piece;

struct store {
	piece *table; /* open addressing; 0 is free, so pieces count from 1 */
	size_t mask;
	size_t count;
	uint64_t *starts; /* of piece n at [n - 1], and one more: the end */
	unsigned char *bytes;
};

void store_open(struct store *store);
void store_close(struct store *store);
piece store_put(struct store *store, const void *bytes, size_t length);
const void *store_get(const struct store *store, piece piece, size_t *length);
size_t store_bytes(const struct store *store);

/* reserve: address space that costs memory only where it is touched. */
void *store_reserve(size_t bytes);
void store_release(void *start, size_t bytes);

#endif
