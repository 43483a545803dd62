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

/* lines_allocate: so many bytes, zeroed, at the start of a line (of a page, if that large); ends the
 * program if there is no memory. Never given back before lines_reset. */
void *lines_allocate(size_t bytes);

/* lines_touch: the running CPU reads or writes the line of an object that is not a word. */
void lines_touch(const void *object, bool write);

/* lines_turn: what has been read since the last turn is all that a waiting loop looks at: the CPU
 * waits until somebody writes to one of these lines, or an interrupt is to be taken. */
void lines_turn(void);

#endif
