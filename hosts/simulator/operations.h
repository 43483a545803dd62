/* SPDX-License-Identifier: MIT */
/*
 * operations.h: what the simulated kernel does to mappings: salvo's operations, if the policy is the
 * library's, or the same steps with the policy's hooks.
 */
#ifndef SIMULATOR_OPERATIONS_H
#define SIMULATOR_OPERATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct space;

/* operations_unmap: and free the pages, and the tables that held them, if asked. */
void operations_unmap(struct space *space, uintptr_t start, uintptr_t end, bool tables);

/* operations_protect: give the range these rights. */
void operations_protect(struct space *space, uintptr_t start, uintptr_t end, unsigned rights);

/* operations_reclaim: unmap pages everywhere; at the return they can be freed. */
void operations_reclaim(const uintptr_t *frames, size_t count);

/* operations_clean: write-protect pages everywhere; at the return the next write to each faults. */
void operations_clean(const uintptr_t *frames, size_t count);

#endif
