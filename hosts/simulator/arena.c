// SPDX-License-Identifier: MIT
/*
 * arena.c: one stretch of memory for all that simulated CPUs share, which grows until the run is over: so
 * a line's number is its place there.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "arena.h"
#include "message.h"

enum { PIECES_MAX = 1 << 16 };

/* A piece of the arena. */
struct piece {
	uint32_t first; /* line */
	enum lines_kind kind;
};

unsigned char *arena;

static size_t allocated;
static struct piece pieces[PIECES_MAX];
static unsigned piece_count;

static void *
map_memory(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		error("no memory for a machine");
		exit(STATUS_ERROR);
	}
	return memory;
}

void *
arena_renew(void *old, size_t bytes)
{
	if (old != NULL)
		munmap(old, bytes);
	return map_memory(bytes);
}

void
arena_reset(void)
{
	arena = arena_renew(arena, ARENA_BYTES);
	allocated = 0;
	piece_count = 0;
}

void *
lines_allocate(size_t bytes, enum lines_kind kind)
{
	size_t align = bytes >= 4096 ? 4096 : (size_t)1 << LINE_SHIFT;
	void *memory;

	allocated = (allocated + align - 1) & ~(align - 1);
	if (bytes > ARENA_BYTES - allocated || piece_count == PIECES_MAX) {
		error("the machine is too large: its memory would not fit in %zu GiB",
			ARENA_BYTES >> 30);
		exit(STATUS_ERROR);
	}
	pieces[piece_count++] =
		(struct piece){.first = (uint32_t)(allocated >> LINE_SHIFT), .kind = kind};
	memory = arena + allocated;
	allocated += bytes;
	return memory;
}

/* arena_kind: of the last piece that begins at or before the line. */
enum lines_kind
arena_kind(uint32_t line)
{
	unsigned least = 0, most = piece_count;

	while (most - least > 1) {
		unsigned middle = (least + most) / 2;

		if (pieces[middle].first <= line)
			least = middle;
		else
			most = middle;
	}
	return pieces[least].kind;
}
