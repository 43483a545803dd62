/* SPDX-License-Identifier: MIT */
/* memory.h: faults, and user code that makes them. */
#ifndef SIMULATOR_MEMORY_H
#define SIMULATOR_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

struct frame;
struct space;

/* memory_frame: a frame; reclaims if there is none. */
struct frame *memory_frame(void);

/* memory_use: the running CPU's user code uses a page of memory of the space's own, for so long. */
void memory_use(struct space *space, uintptr_t address, bool write, uint64_t time);

/* memory_user: user code runs for so long, and refills what flushes took. */
void memory_user(uint64_t time);

#endif
