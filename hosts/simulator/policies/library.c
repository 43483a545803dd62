// SPDX-License-Identifier: MIT
/*
 * library.c: salvo behind the hooks of a policy, for whoever drives it step by step; the workloads
 * call its operations instead (operations.c).
 */
#include "../clock.h"
#include "../cpu.h"
#include "../space.h"
#include "policy.h"

void
library_begin(struct flush_op *op)
{
	op->pages = 0;
	if (op->kind == FLUSH_RECLAIM)
		salvo_batch_begin(&op->batch);
	else
		salvo_gather_begin(&op->gather, &op->space->salvo, op->start, op->end);
}

/* flush_now: as many pages wait as the policy lets one flush have. */
static void
flush_now(struct flush_op *op)
{
	if (policy->pages_a_flush == 0 || op->pages < policy->pages_a_flush)
		return;
	op->pages = 0;
	if (op->kind == FLUSH_RECLAIM)
		salvo_batch_flush(&op->batch);
	else
		salvo_gather_flush_tlb(&op->gather);
}

void
library_cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages)
{
	for (size_t i = 0; i < pages; i++) {
		op->pages++;
		if (op->kind != FLUSH_RECLAIM)
			salvo_gather_cleared(&op->gather, address + i * PAGE_SIZE, 12);
		else if (!salvo_batch_cover(&op->batch, &space->salvo))
			salvo_batch_beyond(&op->batch, &space->salvo);
		flush_now(op);
	}
}

void
library_finish(struct flush_op *op)
{
	if (op->kind == FLUSH_RECLAIM)
		salvo_batch_flush(&op->batch);
	else
		salvo_gather_finish(&op->gather);
}

void
library_switched(unsigned cpu, struct space *from, struct space *to)
{
	(void)cpu;
	(void)from;
	salvo_space_load(&to->salvo);
}

void
library_lazy(unsigned cpu, bool lazy)
{
	(void)cpu;
	if (lazy)
		salvo_lazy_enter();
	else
		salvo_lazy_leave();
}
