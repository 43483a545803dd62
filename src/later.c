// SPDX-License-Identifier: MIT
/*
 * later.c: a flush that nobody waits for, for hosts that flush with a lock held and interrupts off.
 *
 *   1. request, ask, flush here; return                     salvo_flush_later
 *   2. put it down at a CPU that has not answered           put_down
 *   3. that CPU answers, takes it over, puts it down at the
 *      next one that has not answered                       salvo_take_over, carry_on
 *   4. none is left: note the generation as done, tell the
 *      owner, who may free
 *
 * Must never come to 4 while a CPU can use what was removed (invariants 1 and 3), nor lose a flush
 * on the way (invariant 6).
 *
 * Each flush is in the list of one CPU, or in one CPU's hands. So nobody counts, nothing is shared
 * but where it is, and no pool can run dry: its memory is the owner's. It waits, as wait_for_answer
 * does, for each CPU of the space's set that has a ticket to answer: CPUs that were asked are among
 * these until they answer, or leave the set and catch up by themselves.
 *
 * F) a flush is put down at a CPU that answers
 *         who puts it down                   the CPU
 *         a: later = it, full fence          c: answered = ticket, full fence
 *         b: read answered: not yet?         d: read later: take what is there
 *    Forbidden: b finds the ticket unanswered and d does not find the flush. Whoever finds the
 *    ticket answered takes back all that is there. A CPU that goes offline leaves the kernel's set
 *    before c, which b reads too. After a it may be over already: b goes by copies alone.
 */
#include "internal.h"

/* Before the first CPU. */
#define NOWHERE (~0u)

/* is_silent: the CPU will answer the ticket, and has not yet. */
static bool
is_silent(unsigned cpu, uintptr_t ticket)
{
	uintptr_t answered = salvo_atomic_load_acquire(&salvo_port_cpu(cpu)->answered);

	return salvo_count_difference(answered, ticket) < 0 &&
	       salvo_shared_cpuset_has(&salvo_kernel_space()->cpus, cpu);
}

/* find_silent: the CPU that the flush has to wait for; false if none is left. */
static bool
find_silent(struct salvo_later *later)
{
	const struct salvo_shared_cpuset *cpus = &later->target.space->cpus;

	if (salvo_is_done(&later->target))
		return false;
	if (later->at != NOWHERE && is_silent(later->at, later->ticket))
		return true;
	for (;;) {
		later->at = salvo_shared_cpuset_next(cpus, later->at + 1);
		if (later->at == SALVO_MAX_CPUS)
			return false;
		later->ticket = salvo_atomic_load(&salvo_port_cpu(later->at)->asked);
		if (is_silent(later->at, later->ticket))
			return true;
	}
}

/* put_down: step 2, at `at`. Whether that CPU will find it (F); if not, it is to be taken back. */
static bool
put_down(struct salvo_later *later, unsigned at)
{
	struct salvo_word *list = &salvo_port_cpu(at)->later;
	uintptr_t ticket = later->ticket;
	uintptr_t first = salvo_atomic_load(list);

	do {
		later->next = (struct salvo_later *)first;
	} while (!salvo_atomic_compare_exchange(list, &first, (uintptr_t)later));
	salvo_atomic_fence_after_update(); /* F: pairs with the fence in salvo_serve_requests */
	return is_silent(at, ticket);
}

/* take: what is put down at `from` is for this CPU to carry on. => interrupts off */
static void
take(struct salvo_cpu *self, struct salvo_cpu *from)
{
	struct salvo_later *later = (struct salvo_later *)salvo_atomic_exchange(&from->later, 0);
	struct salvo_later *next;

	for (; later != NULL; later = next) {
		next = later->next;
		later->next = self->taken;
		self->taken = later;
	}
}

/*
 * carry_on: all that this CPU has taken. The owner's callback may wait for walkers, and so serve:
 * what is taken over then is carried on here, after the callback.
 * => interrupts off
 */
static void
carry_on(struct salvo_cpu *self)
{
	struct salvo_later *later;

	if (self->carries_on)
		return;
	self->carries_on = true;
	while ((later = self->taken) != NULL) {
		self->taken = later->next;
		if (find_silent(later)) {
			unsigned at = later->at;

			if (!put_down(later, at))
				take(self, salvo_port_cpu(at));
		} else {
			salvo_raise_done(&later->target);
			later->over(later);
		}
	}
	self->carries_on = false;
}

/* salvo_take_over: step 3. => interrupts off; this CPU has answered since it was asked */
void
salvo_take_over(struct salvo_cpu *self)
{
	take(self, self);
	carry_on(self);
}

/* salvo_flush_noted_later: salvo_flush_later, of a range whose `marked` is set. */
void
salvo_flush_noted_later(struct salvo_space *space, const struct salvo_range *range,
	struct salvo_later *later, salvo_later_over *over)
{
	uintptr_t irqs = salvo_port_irq_save();
	struct salvo_cpu *self = salvo_this_cpu();

	SALVO_EXPECT(range->start < range->end);
	later->target = (struct salvo_target){
		.space = space, .gen = salvo_request_noted(space, range), .tables = range->tables};
	later->over = over;
	later->at = NOWHERE;
	salvo_ask_and_flush(&later->target, 1, NULL);
	later->next = self->taken;
	self->taken = later;
	carry_on(self);
	salvo_port_irq_restore(irqs);
}

void
salvo_flush_later(struct salvo_space *space, const struct salvo_range *range,
	struct salvo_later *later, salvo_later_over *over)
{
	struct salvo_range plain = *range;

	plain.marked = false;
	salvo_flush_noted_later(space, &plain, later, over);
}
