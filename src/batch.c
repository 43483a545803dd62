// SPDX-License-Identifier: MIT
/*
 * batch.c: entries cleared in many spaces, flushed together: Gorman's unmap batch.
 *
 *   1. before an entry is cleared: pin its space, raise its `pending` mark   salvo_batch_cover
 *   2. clear it
 *   3. no room for the space: take a generation and its CPU set, now         salvo_batch_beyond
 *   4. flush: a generation for each space, then one round of interrupts to
 *      the CPUs that have one of them loaded and are behind                  salvo_batch_flush
 *   5. lower the marks, unpin; pages may be written out and freed
 *
 * Must never let a page be written out or freed between 2 and the end of 4 (invariants 1 and 2).
 *
 * What the source has not: the mark, without which an unmap of the same space finds the entry clear
 * and returns before anybody flushed (see gather.c); CPU sets read at step 4, not 2, so that a CPU
 * that has switched away or flushed since is left alone; and the decision to defer made there too:
 * a space that only this CPU holds by then costs a local flush and no interrupt, and no flush a
 * page.
 *
 * Step 3 needs no pin: whoever has the space loaded later reads a generation that covers the clear,
 * and the CPUs that had it then are asked to catch up with whatever they have loaded. Until
 * somebody completes that generation, `done` short of `gen` tells other operations what the mark
 * would.
 */
#include "internal.h"

void
salvo_batch_begin(struct salvo_batch *batch)
{
	batch->count = 0;
	salvo_cpuset_clear(&batch->others);
}

bool
salvo_batch_cover(struct salvo_batch *batch, struct salvo_space *space)
{
	for (unsigned i = batch->count; i > 0; i--) /* the last space is the likeliest */
		if (batch->targets[i - 1].space == space)
			return true;
	if (batch->count == SALVO_BATCH_SPACES || !salvo_port_space_pin(space))
		return false;
	salvo_atomic_add(&space->pending, 1);
	batch->targets[batch->count++] = (struct salvo_target){.space = space};
	return true;
}

void
salvo_batch_beyond(struct salvo_batch *batch, struct salvo_space *space)
{
	struct salvo_range range = salvo_range_everywhere(false);

	salvo_request(space, &range);
	/* A: pairs with the fences in salvo_space_load and salvo_lazy_leave */
	salvo_atomic_fence();
	salvo_shared_cpuset_copy(&batch->others, &space->cpus);
}

void
salvo_batch_flush(struct salvo_batch *batch)
{
	struct salvo_range range = salvo_range_everywhere(false);

	if (batch->count == 0 && salvo_cpuset_empty(&batch->others))
		return;
	for (unsigned i = 0; i < batch->count; i++) {
		range.marked = batch->targets[i].number != 0;
		batch->targets[i].gen = salvo_request(batch->targets[i].space, &range);
	}
	salvo_complete_all(batch->targets, batch->count, &batch->others);
	for (unsigned i = 0; i < batch->count; i++) {
		struct salvo_space *space = batch->targets[i].space;

		salvo_lower_mark(space, batch->targets[i].number != 0);
		salvo_port_space_unpin(space);
	}
	salvo_batch_begin(batch);
}
