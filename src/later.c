// SPDX-License-Identifier: MIT
/*
 * later.c: a flush that nobody waits for, for hosts that flush with a lock held and interrupts off.
 *
 *   1. request, ask, flush here; return                     salvo_flush_later
 *   2. put it down at a CPU that has not answered           put_down
 *   3. that CPU answers, takes it over, puts it down at the
 *      next one that has not answered                       salvo_take_over, _carry_on
 *   4. none is left: note the generation as done, tell the
 *      owner, who may free
 *
 * Must never come to 4 while a CPU can use what was removed (invariants 1 and 3), nor lose a flush
 * on the way (invariant 6).
 *
 * Each flush is in the list of one CPU, or in one CPU's hands. So nobody counts, nothing is shared
 * but where it is, and no pool can run dry: its memory is the owner's. It waits for each CPU of the
 * space's set that has a ticket to answer: CPUs that were asked are among these until they answer,
 * or leave the set and catch up by themselves.
 *
 * F) a flush is put down at a CPU that answers
 *         who puts it down                   the CPU
 *         a: later = it, full fence          c: answered = ticket, full fence
 *         b: read answered: not yet?         d: read later: take what is there
 *    Forbidden: b finds the ticket unanswered and d does not find the flush. Whoever finds the
 *    ticket answered takes back all that is there. A CPU that goes offline leaves the kernel's set
 *    before c, which b reads too, and hands over what d finds. After a it may be over already: b
 *    goes by copies alone.
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

/* push: into the list of that CPU. From here on the flush is another's. */
static void
push(struct salvo_later *later, struct salvo_cpu *cpu)
{
	uintptr_t first = salvo_atomic_load(&cpu->later);

	do {
		later->next = (struct salvo_later *)first;
	} while (!salvo_atomic_compare_exchange(&cpu->later, &first, (uintptr_t)later));
	salvo_atomic_fence_after_update(); /* F: pairs with the fence in salvo_serve_requests */
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
 * put_down: step 2. If that CPU has answered meanwhile it may not find the flush (F): all that is
 * there is taken back.
 */
static void
put_down(struct salvo_cpu *self, struct salvo_later *later)
{
	unsigned at = later->at;
	uintptr_t ticket = later->ticket;

	push(later, salvo_port_cpu(at));
	if (!is_silent(at, ticket))
		take(self, salvo_port_cpu(at));
}

/*
 * salvo_carry_on: all that this CPU has taken. A callback may serve, as a lock does that waits:
 * what is taken over then is carried on here, after the callback.
 * => interrupts off
 */
void
salvo_carry_on(struct salvo_cpu *self)
{
	struct salvo_later *later;

	if (self->holds_back)
		return;
	self->holds_back = true;
	while ((later = self->taken) != NULL) {
		self->taken = later->next;
		if (find_silent(later)) {
			put_down(self, later);
		} else {
			salvo_raise_done(&later->target);
			later->over(later);
		}
	}
	self->holds_back = false;
}

/* salvo_take_over: step 3. => interrupts off; this CPU has answered since it was asked */
void
salvo_take_over(struct salvo_cpu *self)
{
	take(self, self);
	salvo_carry_on(self);
}

/*
 * salvo_hand_over: what this CPU has taken is for another to carry on, which is asked so that it
 * looks: this one has left the kernel's set, so nobody tells it of kernel mappings that owners'
 * callbacks may use. The last CPU of all has nobody to be told by.
 * => interrupts off; this CPU holds back
 */
void
salvo_hand_over(struct salvo_cpu *self)
{
	struct salvo_cpuset heir;
	struct salvo_later *later;

	while (self->taken != NULL) {
		unsigned c = salvo_shared_cpuset_next(&salvo_kernel_space()->cpus, 0);

		if (c == SALVO_MAX_CPUS) {
			self->holds_back = false;
			salvo_carry_on(self);
			self->holds_back = true;
			return;
		}
		while ((later = self->taken) != NULL) {
			self->taken = later->next;
			push(later, salvo_port_cpu(c));
		}
		if (salvo_shared_cpuset_has(&salvo_kernel_space()->cpus, c)) {
			salvo_cpuset_clear(&heir);
			salvo_cpuset_add(&heir, c);
			salvo_ask(&heir, self);
		} else {
			take(self, salvo_port_cpu(c));
		}
	}
}

/* start: the flush is this CPU's to carry on. => interrupts off */
static void
start(struct salvo_cpu *self, struct salvo_later *later, salvo_later_over *over)
{
	later->over = over;
	later->at = NOWHERE;
	later->next = self->taken;
	self->taken = later;
	salvo_carry_on(self);
}

/* salvo_complete_later: salvo_complete that waits for nobody. */
void
salvo_complete_later(struct salvo_space *space, uintptr_t gen, bool tables,
	struct salvo_later *later, salvo_later_over *over)
{
	uintptr_t irqs = salvo_port_irq_save();
	struct salvo_cpuset asked;

	later->target = (struct salvo_target){.space = space, .gen = gen, .tables = tables};
	salvo_ask_and_flush(&asked, &later->target, 1, NULL);
	start(salvo_this_cpu(), later, over);
	salvo_port_irq_restore(irqs);
}

/* salvo_flush_nothing_later: the same, of no range: what is done already. */
void
salvo_flush_nothing_later(
	struct salvo_space *space, struct salvo_later *later, salvo_later_over *over)
{
	uintptr_t irqs = salvo_port_irq_save();

	later->target =
		(struct salvo_target){.space = space, .gen = salvo_atomic_load(&space->done)};
	start(salvo_this_cpu(), later, over);
	salvo_port_irq_restore(irqs);
}

void
salvo_flush_later(struct salvo_space *space, const struct salvo_range *range,
	struct salvo_later *later, salvo_later_over *over)
{
	salvo_complete_later(space, salvo_request(space, range), range->tables, later, over);
}
