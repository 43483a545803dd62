/* SPDX-License-Identifier: MIT */
/* visited.h: the states that a search has come to, by number, and how it first came there. */
#ifndef EXPLORER_VISITED_H
#define EXPLORER_VISITED_H

#include "store.h"

enum { NUMBER_BITS = 28 };
#define STATES_MAX ((size_t)1 << NUMBER_BITS)

extern size_t visited_count;

/* visited_open: keys have `width` numbers each. */
void visited_open(unsigned width);
void visited_close(void);

/* visited_number: the state with this key, which is a new one if there was none. */
uint32_t visited_number(const piece *key, uint32_t parent, uint8_t via);

const piece *visited_key(uint32_t state);
uint32_t visited_parent(uint32_t state);
uint8_t visited_via(uint32_t state);
size_t visited_bytes(void);

#endif
