/* SPDX-License-Identifier: MIT */
/*
 * beside.h: how an unmap or a protect begins and ends beside others of its space, for policies that
 * look for them. It is compiled into the explorer too.
 */
#ifndef SIMULATOR_BESIDE_H
#define SIMULATOR_BESIDE_H

#include "lines.h"
#include "policies/policy.h"
#include "space.h"

/* beside_begin: others are told that entries are changed whose flush is to come. */
static inline void
beside_begin(struct flush_op *op)
{
	if (policy->looks_for_others)
		lines_add(&op->space->changing, 1);
	policy->begin(op);
}

/*
 * beside_finish: this operation may have found done what another one has changed and not flushed
 * yet. So beside another one all of the space is flushed, as if tables were freed, whatever was
 * changed here (Linux 6.1, mm/mmu_gather.c: tlb_finish_mmu).
 */
static inline void
beside_finish(struct flush_op *op)
{
	if (policy->looks_for_others && lines_load(&op->space->changing) > 1)
		op->all = true;
	policy->finish(op);
	if (policy->looks_for_others)
		lines_add(&op->space->changing, (uintptr_t)-1);
}

#endif
