/* SPDX-License-Identifier: MIT */
/* stepwise.h: the operations for policies that are not the library's. */
#ifndef SIMULATOR_STEPWISE_H
#define SIMULATOR_STEPWISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct space;

void stepwise_unmap(struct space *space, uintptr_t start, uintptr_t end, bool tables);
void stepwise_protect(struct space *space, uintptr_t start, uintptr_t end, unsigned rights);
void stepwise_reclaim(const uintptr_t *frames, size_t count);
void stepwise_clean(const uintptr_t *frames, size_t count);

#endif
