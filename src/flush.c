// SPDX-License-Identifier: MIT
/*
 * flush.c: requests as a space remembers them, and what a CPU flushes to catch up with them: steps
 * 2 and 5 of shootdown.c.
 *
 * A space counts the requests made of it and remembers the range of the last few in a ring. A CPU
 * that is k requests behind flushes just those k, or everything where that is cheaper or where one
 * of them is not to be had. Nothing is allocated and nothing waits: a writer that finds its entry
 * taken leaves its range unknown.
 *
 * C) a range is remembered while another CPU reads it
 *         writer                             reader
 *         claim tag (odd), release fence     read tag: even and the generation wanted
 *         write start, end, kind             read start, end, kind; acquire fence
 *         tag = generation, release          read tag again: the same
 *    Forbidden: the reader takes one request's start with another's end. What a reader cannot get
 *    in time, because its writer was slow or the ring went round, it takes as "everything".
 */
#include "internal.h"

/* ---- Requests and their ranges ---- */

static uintptr_t
request_tag(uintptr_t gen)
{
	return (gen & SALVO_COUNTER_MASK) << 1;
}

/*
 * remember: write the range of a request into the ring. If the entry is being written, or has a
 * newer request, that of `gen` stays unknown, which readers take as everything.
 */
static void
remember(struct salvo_space *space, uintptr_t gen, const struct salvo_range *range)
{
	struct salvo_request *request = &space->ring[gen % SALVO_RING];
	uintptr_t tag = salvo_atomic_load(&request->tag);

	if ((tag & 1) != 0 || salvo_count_difference(gen, tag >> 1) <= 0)
		return;
	if (!salvo_atomic_compare_exchange(&request->tag, &tag, request_tag(gen) | 1))
		return;
	salvo_atomic_fence_release(); /* C: pairs with the acquire fence in recall */
	salvo_atomic_store(&request->start, range->start);
	salvo_atomic_store(&request->end, range->end);
	salvo_atomic_store(&request->kind, (uintptr_t)range->stride_shift << 1 | range->tables);
	salvo_atomic_store_release(&request->tag, request_tag(gen));
}

/* recall: read the range of a request; false if it is not, or no longer, in the ring. */
static bool
recall(const struct salvo_space *space, uintptr_t gen, struct salvo_range *range)
{
	const struct salvo_request *request = &space->ring[gen % SALVO_RING];
	uintptr_t kind;

	if (salvo_atomic_load_acquire(&request->tag) != request_tag(gen))
		return false;
	range->start = salvo_atomic_load(&request->start);
	range->end = salvo_atomic_load(&request->end);
	kind = salvo_atomic_load(&request->kind);
	range->stride_shift = (unsigned)(kind >> 1);
	range->tables = (kind & 1) != 0;
	salvo_atomic_fence_acquire(); /* C: pairs with the release fence in remember */
	return salvo_atomic_load(&request->tag) == request_tag(gen);
}

/*
 * salvo_request_noted: step 2, of a gather or a batch: `pending` or marks in tables tell of it. The
 * identity is renewed before an old `seen` could be taken for a new one: four times on the
 * counter's way round, where two would leave no slack for a requester that is held up between the
 * generation and the identity. `loose` comes along then, so that an old one never looks new.
 */
uintptr_t
salvo_request_noted(struct salvo_space *space, const struct salvo_range *range)
{
	uintptr_t gen = salvo_atomic_add(&space->gen, 1) + 1;

	SALVO_EXPECT(range->start < range->end);
	remember(space, gen, range);
	if ((gen & (SALVO_COUNTER_MASK >> 2)) == 0) {
		salvo_atomic_store(&space->id, salvo_new_identity(salvo_port_machine()));
		salvo_raise(&space->loose, gen);
	}
	salvo_port_trace(SALVO_EVENT_REQUEST, salvo_atomic_load(&space->id), gen);
	return gen;
}

uintptr_t
salvo_request(struct salvo_space *space, const struct salvo_range *range)
{
	uintptr_t gen = salvo_request_noted(space, range);

	salvo_raise(&space->loose, gen);
	return gen;
}

bool
salvo_flush_outstanding(struct salvo_space *space)
{
	return salvo_outstanding_but(space, 0);
}

/* ---- Flushing here ---- */

/* plan_insert: one more range, in the order of where they start. */
static void
plan_insert(struct salvo_plan *plan, const struct salvo_range *range)
{
	unsigned i = plan->count++;

	for (; i > 0 && plan->ranges[i - 1].start > range->start; i--)
		plan->ranges[i] = plan->ranges[i - 1];
	plan->ranges[i] = *range;
}

/* plan_join: ranges that meet and have leaves of one size become one, so no page goes twice. */
static void
plan_join(struct salvo_plan *plan)
{
	struct salvo_range *last = plan->ranges;

	for (unsigned i = 1; i < plan->count; i++) {
		const struct salvo_range *range = &plan->ranges[i];

		if (range->start > last->end || range->stride_shift != last->stride_shift) {
			*++last = *range;
			continue;
		}
		if (range->end > last->end)
			last->end = range->end;
		last->tables |= range->tables;
	}
	if (plan->count != 0)
		plan->count = (unsigned)(last - plan->ranges) + 1;
}

static uintptr_t
plan_leaves(const struct salvo_plan *plan)
{
	uintptr_t leaves = 0;

	for (unsigned i = 0; i < plan->count; i++) {
		const struct salvo_range *range = &plan->ranges[i];

		leaves += ((range->end - range->start - 1) >> range->stride_shift) + 1;
	}
	return leaves;
}

/* flush: what the plan says, of the loaded space or of the kernel's. */
static void
flush(struct salvo_cpu *self, const struct salvo_plan *plan, bool kernel)
{
	if (plan->everything) {
		if (kernel)
			salvo_arch_flush_everything();
		else
			salvo_arch_flush_space();
		salvo_count(&self->stats.nr_tlb_local_flush_all, 1);
		return;
	}
	for (unsigned i = 0; i < plan->count; i++) {
		const struct salvo_range *range = &plan->ranges[i];

		if (kernel)
			salvo_arch_flush_kernel_range(
				range->start, range->end, range->stride_shift, range->tables);
		else
			salvo_arch_flush_range(
				range->start, range->end, range->stride_shift, range->tables);
	}
	salvo_count(&self->stats.nr_tlb_local_flush_one, plan_leaves(plan));
}

void
salvo_spurious_fault(uintptr_t address)
{
	uintptr_t start = address & ~(SALVO_PAGE_SIZE - 1);
	uintptr_t irqs;

	if (salvo_arch_fault_forgets())
		return;
	irqs = salvo_port_irq_save();
	salvo_arch_flush_range(start, start + (SALVO_PAGE_SIZE - 1), SALVO_ARCH_PAGE_SHIFT, true);
	salvo_count(&salvo_this_cpu()->stats.nr_tlb_local_flush_one, 1);
	salvo_port_irq_restore(irqs);
}

/*
 * plan_requests: what lies between `seen` and the plan's generation; whether all of it is in the
 * ring.
 */
static bool
plan_requests(struct salvo_plan *plan, const struct salvo_space *space, uintptr_t seen)
{
	intptr_t behind = salvo_count_difference(plan->gen, seen);
	struct salvo_range range;

	if (behind < 0 || behind > SALVO_RING)
		return false;
	for (intptr_t i = 1; i <= behind; i++) {
		if (!recall(space, seen + (uintptr_t)i, &range))
			return false;
		plan_insert(plan, &range);
		plan->late |= range.tables || range.stride_shift > SALVO_ARCH_PAGE_SHIFT;
		plan->everything |= range.end == UINTPTR_MAX;
	}
	return true;
}

/*
 * salvo_plan_flush: what was requested of the loaded space, or of the kernel's, since this CPU last
 * flushed; false if nothing was. What is not known may be anything.
 * => interrupts off
 */
bool
salvo_plan_flush(
	const struct salvo_cpu *self, const struct salvo_space *space, struct salvo_plan *plan)
{
	bool kernel = space == salvo_kernel_space();
	uintptr_t seen = salvo_atomic_load(kernel ? &self->kernel_seen : &self->loaded_seen);
	uintptr_t id = salvo_atomic_load_acquire(&space->id);
	uintptr_t gen = salvo_atomic_load_acquire(&space->gen);
	bool renewed = !kernel && id != salvo_atomic_load(&self->loaded_id);

	if (gen == seen && !renewed)
		return false;
	plan->id = id;
	plan->gen = gen;
	plan->renewed = renewed;
	plan->late = false;
	plan->everything = false;
	plan->count = 0;
	if (renewed || !plan_requests(plan, space, seen)) {
		plan->everything = true;
		plan->late = true;
		return true;
	}
	plan_join(plan);
	if (plan_leaves(plan) > salvo_port_machine()->flush_ceiling)
		plan->everything = true;
	return true;
}

/*
 * salvo_flush_planned: `seen` is stored after the flush: an initiator that reads it leaves this CPU
 * alone (invariant 1).
 * => interrupts off since salvo_plan_flush
 */
void
salvo_flush_planned(
	struct salvo_cpu *self, const struct salvo_space *space, const struct salvo_plan *plan)
{
	bool kernel = space == salvo_kernel_space();

	flush(self, plan, kernel);
	if (plan->renewed)
		salvo_cpu_set_loaded(self, plan->id, plan->gen);
	else
		salvo_atomic_store_release(
			kernel ? &self->kernel_seen : &self->loaded_seen, plan->gen);
}

/* salvo_catch_up: both. => interrupts off */
void
salvo_catch_up(struct salvo_cpu *self, const struct salvo_space *space)
{
	struct salvo_plan plan;

	if (salvo_plan_flush(self, space, &plan))
		salvo_flush_planned(self, space, &plan);
}
