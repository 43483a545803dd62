/* SPDX-License-Identifier: MIT */
/* arena.h: the memory that lines.h hands out, for lines.c. */
#ifndef SIMULATOR_ARENA_H
#define SIMULATOR_ARENA_H

#include "lines.h"

enum { LINE_SHIFT = 6 };

#define ARENA_BYTES ((size_t)32 << 30)

extern unsigned char *arena;

/* arena_reset: empty. */
void arena_reset(void);

/* arena_renew: so many bytes that are zero, in place of the old ones (NULL: none). */
void *arena_renew(void *old, size_t bytes);

/* arena_kind: what a line holds that has been allocated. */
enum lines_kind arena_kind(uint32_t line);

#endif
