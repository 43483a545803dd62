/* SPDX-License-Identifier: MIT */
/*
 * generations.h: what Linux does since 4.14 on x86 (arch/x86/mm/tlb.c, read in 6.1): a space counts
 * its flushes; a CPU remembers, for each of six spaces, up to which it has flushed, and whether it is
 * lazy. Shared by the policies that are built on it.
 */
#ifndef SIMULATOR_GENERATIONS_H
#define SIMULATOR_GENERATIONS_H

#include "calls.h"
#include "policies/policy.h"

/* What is to be flushed, as CPUs read it. A caller's own, in shared memory. */
struct generations_info {
	SALVO_CACHE_ALIGNED struct space *space; /* NULL: whatever a CPU has loaded */
	uintptr_t start, end;                    /* end is UINTPTR_MAX: all of it */
	uintptr_t gen;
};

void generations_reset(void);
void generations_switched(unsigned cpu, struct space *from, struct space *to);
void generations_lazy(unsigned cpu, bool lazy);

/* generations_begin, _cleared, _finish: the hooks of the policy `linux`. */
void generations_begin(struct flush_op *op);
void generations_cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages);
void generations_finish(struct flush_op *op, const struct calls_way *way);

/* generations_flush: the range of a space, or all of what the CPUs of `cpus` have loaded if `space`
 * is NULL; lazy CPUs are left alone unless `tables`. */
void generations_flush(struct space *space, uintptr_t start, uintptr_t end, uintptr_t gen,
	const struct salvo_cpuset *cpus, bool tables, const struct calls_way *way);

/* generations_join: to the space's set, whose words these policies all read, in use or not. */
void generations_join(struct space *space, unsigned cpu);

/* generations_cpus: those that have the space loaded, as another CPU reads it. */
void generations_cpus(struct salvo_cpuset *set, const struct space *space);

/* generations_add: the CPUs of another set; generations_add_all: every one of the machine. */
void generations_add(struct salvo_cpuset *into, const struct salvo_cpuset *from);
void generations_add_all(struct salvo_cpuset *set);

/* generations_leave_out_lazy: lazy CPUs, which catch up before they use the space again. */
void generations_leave_out_lazy(struct salvo_cpuset *set);

/* generations_next: one more flush of the space was asked for; its number. */
uintptr_t generations_next(struct space *space);

/* generations_catch_up: on the running CPU, with what `info` (struct generations_info) tells.
 * => interrupts off */
void generations_catch_up(void *info);

/* generations_info: what an operation that is no reclaim has changed, as the next generation. */
struct generations_info generations_info(const struct flush_op *op);

#endif
