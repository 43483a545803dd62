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
 * somebody completes that generation, `done` short of `gen`, or of `loose`, tells other operations
 * what the mark would.
 */
#include "internal.h"

void
salvo_batch_begin(struct salvo_batch *batch)
{
	batch->count = 0;
	batch->last = 0;
	batch->targets[0].space = NULL;
	batch->beyond = NULL;
}

/* find_in: make the space's target the last one, if it is among those from `at` on. */
static bool
find_in(struct salvo_batch *batch, const struct salvo_space *space, unsigned at, unsigned end)
{
	for (; at < end; at++)
		if (batch->targets[at].space == space) {
			batch->last = at;
			return true;
		}
	return false;
}

/*
 * find: the same of all but the last one, beginning behind it: pages of a file are mapped by the
 * same spaces, and found in the same order.
 */
static bool
find(struct salvo_batch *batch, const struct salvo_space *space)
{
	return find_in(batch, space, batch->last + 1, batch->count) ||
	       find_in(batch, space, 0, batch->last);
}

/* salvo_batch_target: the space's, or NULL. */
struct salvo_target *
salvo_batch_target(struct salvo_batch *batch, const struct salvo_space *space)
{
	if (batch->targets[batch->last].space != space && !find(batch, space))
		return NULL;
	return &batch->targets[batch->last];
}

/* salvo_batch_cover_other: salvo_batch_cover of another space than the last one. */
bool
salvo_batch_cover_other(struct salvo_batch *batch, struct salvo_space *space)
{
	if (find(batch, space))
		return true;
	if (batch->count == SALVO_BATCH_SPACES || !salvo_port_space_pin(space))
		return false;
	salvo_atomic_add(&space->pending, 1);
	batch->last = batch->count;
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
	if (batch->beyond == NULL) {
		salvo_cpuset_clear(&batch->others);
		batch->beyond = &batch->others;
	}
	salvo_shared_cpuset_copy(&batch->others, &space->cpus);
}

void
salvo_batch_flush(struct salvo_batch *batch)
{
	struct salvo_range range = salvo_range_everywhere(false);

	if (batch->count == 0 && batch->beyond == NULL)
		return;
	for (unsigned i = 0; i < batch->count; i++)
		batch->targets[i].gen = salvo_request_noted(batch->targets[i].space, &range);
	salvo_complete_all(batch->targets, batch->count, batch->beyond);
	for (unsigned i = 0; i < batch->count; i++) {
		const struct salvo_target *target = &batch->targets[i];

		salvo_note_flushed(target->space, target->number, false); /* by all of the space */
		salvo_lower_mark(target->space, target->number != 0);
		salvo_port_space_unpin(target->space);
	}
	salvo_batch_begin(batch);
}
