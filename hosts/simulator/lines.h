/* SPDX-License-Identifier: MIT */
/*
 * lines.h: memory that simulated CPUs share, in cache lines of 64 bytes. All of it comes from one
 * arena, and a line's number is its place there, so that nothing depends on the host's addresses.
 */
#ifndef SIMULATOR_LINES_H
#define SIMULATOR_LINES_H

#include <stddef.h>
#include <stdint.h>

#include <salvo/atomic.h>

/* lines_reset: an empty arena; every CPU's cache is empty. */
void lines_reset(void);

/* What lines hold: what their transfers cost is told by it. */
enum lines_kind {
	LINES_CPU,   /* the library's of a CPU, or a policy's */
	LINES_SPACE, /* of a space */
	LINES_TABLE, /* page tables */
	LINES_LOCK,  /* their locks and marks */
	LINES_FRAME, /* page frames */
	LINES_NODE,  /* free lists and LRU lists */
	LINES_FILE,  /* page cache */
	LINES_CALL,  /* calls of other CPUs */
	LINES_HOST,  /* the simulator's own, which no CPU reads */
	LINES_KINDS,
};
extern uint64_t lines_moved[LINES_KINDS]; /* transfers */
extern uint64_t lines_waits[LINES_KINDS]; /* and the time of CPUs that waited for them */
extern const char *const lines_names[LINES_KINDS];

/* lines_allocate: so many bytes, zeroed, at the start of a line (of a page, if that large); ends the
 * program if there is no memory. Never given back before lines_reset. */
void *lines_allocate(size_t bytes, enum lines_kind kind);

/* lines_touch: the running CPU reads or writes the line of an object that is not a word. */
void lines_touch(const void *object, bool write);

/* lines_stored: when all stores of the running CPU will have reached their lines. */
uint64_t lines_stored(void);

/* lines_turn: what has been read since the last turn is all that a waiting loop looks at: the CPU
 * waits until somebody writes to one of these lines, or an interrupt is to be taken. */
void lines_turn(void);

#endif
