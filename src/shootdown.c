// SPDX-License-Identifier: MIT
/*
 * shootdown.c: make every CPU that may hold a translation forget it.
 *
 *   1. the caller has changed page-table entries
 *   2. request: raise the space's generation, remember the range           salvo_request
 *   3. choose: CPUs in the space's set that may still use what was there   may_use
 *   4. ask: a ticket each, and an interrupt unless one is on its way       salvo_ask
 *   5. flush here while they do                                            flush_here
 *   6. wait, serving one's own requests: each answers, or has flushed      wait_for_answer
 *   7. note the generation as done; the caller may free                    raise_done
 *
 * Must never return from 6 while a CPU can use what step 1 removed. There is no message: a CPU that
 * is asked compares the generation it has flushed up to with the space's, and flushes what lies
 * between. So requests merge, none can overflow, and an initiator leaves nothing of its own behind.
 *
 * Order of accesses. The letters are cited in the code; each fence names its partner.
 *
 * A) a CPU loads the space, or leaves lazy mode, while step 3 chooses
 *         initiator                          CPU that loads / leaves lazy mode
 *         pte = 0
 *         a: gen = gen + 1, full fence
 *                                            b: join the set / lazy = 0, full fence
 *                                            c: read gen, flush if behind
 *         d: read the set, then lazy
 *    Forbidden: d misses the CPU (or finds it lazy) and c reads the old generation.
 *
 * B) a CPU answers while another asks
 *         initiator                          CPU asked
 *         e: asked = asked + 1, full fence   g: answered = asked as read before, full fence
 *         f: read answered: need to          h: read asked again: go round again if it is
 *            interrupt?                         no longer what was answered
 *    Forbidden: f finds an older ticket unanswered, so sends nothing, and h misses the new one.
 *
 * Why it ends. Whoever waits serves (6), so two CPUs that wait for each other with interrupts off
 * both answer. From the ticket to its interrupt the initiator has interrupts off: a request made by
 * an interrupt handler here cannot join a ticket whose interrupt was never raised. A CPU that goes
 * away leaves the set and is waited for no longer.
 *
 * Conclusions: (1) at most one interrupt that an initiator raised is unanswered at a CPU; (2) a CPU
 * that the choice passes over either cannot use the old entries or flushes before it can; (3) when
 * a flush returns, every CPU has flushed, or will before it touches user memory.
 */
#include "internal.h"

/* ---- Asking others ---- */

/*
 * is_current: the CPU has flushed the space up to `gen`. Its identity and `seen` are read as one:
 * both before the second look at the version. What that CPU did before it stored `seen` is done.
 */
static bool
is_current(const struct salvo_cpu *cpu, const struct salvo_space *space, uintptr_t gen)
{
	uintptr_t version, id, seen;

	if (space == salvo_kernel_space())
		return salvo_count_difference(salvo_atomic_load_acquire(&cpu->kernel_seen), gen) >=
		       0;
	version = salvo_atomic_load_acquire(&cpu->version);
	/* pair with the release fence in salvo_cpu_set_loaded; `seen` with salvo_catch_up too */
	id = salvo_atomic_load_acquire(&cpu->loaded_id);
	seen = salvo_atomic_load_acquire(&cpu->loaded_seen);
	return (version & 1) == 0 && salvo_atomic_load(&cpu->version) == version &&
	       id == salvo_atomic_load(&space->id) && salvo_count_difference(seen, gen) >= 0;
}

/*
 * asks_lazy: CPUs that are lazy must forget what the target's flush removes, too: they use no user
 * entry, but they walk, and where two translations of an address may not meet they keep none.
 */
static bool
asks_lazy(const struct salvo_target *target)
{
	return target->tables || target->space == salvo_kernel_space() || salvo_arch_needs_break();
}

/*
 * may_use: step 3. Whether a CPU of the space's set may use an entry that the target's flush
 * removes before it has flushed by itself. `lazy` is read after the set, acquire: a CPU that joined
 * stopped being lazy before (A).
 */
static bool
may_use(const struct salvo_cpu *cpu, const struct salvo_target *target, struct salvo_stats *stats)
{
	if (!asks_lazy(target) && salvo_atomic_load_acquire(&cpu->lazy) != 0) {
		salvo_count(&stats->nr_skipped_lazy, 1);
		return false;
	}
	if (is_current(cpu, target->space, target->gen)) {
		salvo_count(&stats->nr_skipped_current, 1);
		return false;
	}
	return true;
}

/* choose: add to `asked` the CPUs that may use what the target's flush removes. */
static void
choose(struct salvo_cpuset *asked, const struct salvo_target *target, struct salvo_cpu *self)
{
	const struct salvo_shared_cpuset *cpus = &target->space->cpus;

	for (unsigned i = 0, words = salvo_shared_cpuset_words(cpus); i < words; i++) {
		uintptr_t word = salvo_shared_cpuset_word(cpus, i);

		for (; word != 0; word &= word - 1) {
			unsigned c = i * SALVO_CPUSET_BITS + salvo_lowest_bit(word);

			if (salvo_port_cpu(c) != self &&
				may_use(salvo_port_cpu(c), target, &self->stats))
				salvo_cpuset_add(asked, c);
		}
	}
}

/* choose_online: add to `asked` the CPUs of `others` that are online. */
static void
choose_online(struct salvo_cpuset *asked, const struct salvo_cpuset *others)
{
	salvo_cpuset_grow(asked, salvo_cpuset_words(others));
	for (unsigned i = 0; i < salvo_cpuset_words(others); i++)
		asked->bits[i] |=
			others->bits[i] & salvo_shared_cpuset_word(&salvo_kernel_space()->cpus, i);
}

/* give_ticket: of the CPU; whether it must be interrupted: nobody else has or will (B). */
static bool
give_ticket(struct salvo_cpu *cpu)
{
	uintptr_t before = salvo_atomic_add(&cpu->asked, 1);

	salvo_atomic_fence_after_update(); /* B: pairs with the fence in salvo_serve_requests */
	return salvo_atomic_load(&cpu->answered) == before;
}

/*
 * salvo_ask: step 4: tickets for all, then the interrupts at once.
 * => interrupts off, since before the CPUs were chosen
 */
void
salvo_ask(const struct salvo_cpuset *asked, struct salvo_cpu *self)
{
	struct salvo_cpuset interrupt;

	salvo_cpuset_clear(&interrupt);
	for (unsigned c = salvo_cpuset_next(asked, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(asked, c + 1)) {
		if (give_ticket(salvo_port_cpu(c))) {
			salvo_cpuset_add(&interrupt, c);
			salvo_count(&self->stats.nr_interrupts_sent, 1);
			salvo_port_trace(SALVO_EVENT_INTERRUPT, c, 0);
		} else {
			salvo_count(&self->stats.nr_interrupts_joined, 1);
		}
	}
	if (salvo_cpuset_empty(&interrupt))
		return;
	salvo_count(&self->stats.nr_tlb_remote_flush, 1);
	salvo_port_interrupt(&interrupt);
}

/* ---- Waiting ---- */

/*
 * salvo_is_done: a later request, or this one, was completed by somebody. Says nothing of lazy
 * CPUs, so not of freed tables (invariant 3).
 */
bool
salvo_is_done(const struct salvo_target *target)
{
	return !target->tables &&
	       salvo_count_difference(
		       salvo_atomic_load_acquire(&target->space->done), target->gen) >= 0;
}

/* salvo_raise_done: step 7. */
void
salvo_raise_done(const struct salvo_target *target)
{
	salvo_raise(&target->space->done, target->gen);
}

/*
 * is_excused: a CPU that was asked need not answer any more: of each space that it was asked for it
 * has flushed what was requested, or has left the set (going offline, or switching away), or the
 * request was completed by somebody else.
 */
static bool
is_excused(unsigned cpu, const struct salvo_target *targets, unsigned count,
	const struct salvo_cpuset *others)
{
	for (unsigned i = 0; i < count; i++)
		if (salvo_shared_cpuset_has(&targets[i].space->cpus, cpu) &&
			!is_current(salvo_port_cpu(cpu), targets[i].space, targets[i].gen) &&
			!salvo_is_done(&targets[i]))
			return false;
	return others == NULL || !salvo_cpuset_has(others, cpu) ||
	       !salvo_shared_cpuset_has(&salvo_kernel_space()->cpus, cpu);
}

/* report_stall: tell the host of a silent CPU, once a limit. `since` is when the limit began. */
static void
report_stall(unsigned cpu, const struct salvo_target *target, uint64_t *since)
{
	uint64_t limit = salvo_port_machine()->stall_ns;
	struct salvo_stall stall = {.cpu = cpu};
	uint64_t now;

	if (limit == 0)
		return;
	now = salvo_port_clock_ns();
	if ((int64_t)(now - *since) < (int64_t)limit) /* another CPU's clock may be behind */
		return;
	stall.waited_ns = now - *since;
	if (target != NULL) {
		stall.space_id = salvo_atomic_load(&target->space->id);
		stall.gen = target->gen;
	}
	salvo_port_stall(&stall);
	*since = now;
}

/*
 * wait_for_answer: step 6, of one CPU. The ticket waited for is the last one given out when the
 * wait begins: at or after ours, and never moving away. It is read only where the wait is not over
 * already, for others add to that word all the time. Serving in the loop is what makes waiting with
 * interrupts off safe (invariant 6).
 */
static void
wait_for_answer(unsigned c, const struct salvo_target *targets, unsigned count,
	const struct salvo_cpuset *others)
{
	const struct salvo_cpu *cpu = salvo_port_cpu(c);
	uintptr_t ticket;
	uint64_t since;

	if (is_excused(c, targets, count, others))
		return;
	ticket = salvo_atomic_load(&cpu->asked);
	since = salvo_port_clock_ns();
	while (salvo_count_difference(salvo_atomic_load_acquire(&cpu->answered), ticket) < 0 &&
		!is_excused(c, targets, count, others)) {
		salvo_serve();
		salvo_port_relax();
		report_stall(c, count == 1 ? targets : NULL, &since);
	}
}

/*
 * salvo_wait_unloaded: wait until no CPU has the space loaded; each has been asked, and unloads it
 * because it is dying. Whoever is still in the set is between catching up and leaving, with
 * interrupts off, and waits for nobody; so this loop need not serve.
 */
void
salvo_wait_unloaded(struct salvo_space *space)
{
	struct salvo_target target = {.space = space, .tables = true};
	uint64_t since = salvo_port_clock_ns();
	struct salvo_cpuset set;

	target.gen = salvo_atomic_load(&space->gen);
	for (;;) {
		salvo_cpuset_clear(&set);
		salvo_shared_cpuset_copy(&set, &space->cpus);
		if (salvo_cpuset_empty(&set))
			return;
		salvo_port_relax();
		report_stall(salvo_cpuset_next(&set, 0), &target, &since);
	}
}

/* ---- The whole of it ---- */

/* all_done: nothing is left to do, for targets that were all requested before. */
static bool
all_done(const struct salvo_target *targets, unsigned count, const struct salvo_cpuset *others)
{
	for (unsigned i = 0; i < count; i++)
		if (!salvo_is_done(&targets[i]))
			return false;
	return others == NULL || salvo_cpuset_empty(others);
}

/*
 * flush_here: step 5. A lazy CPU flushes where another one would be asked. Letting go of a dying
 * space belongs here: once caught up with the request to do so this CPU is not asked again.
 * => interrupts off
 */
static void
flush_here(struct salvo_cpu *self, const struct salvo_target *targets, unsigned count)
{
	bool flush = salvo_atomic_load(&self->lazy) == 0;

	for (unsigned i = 0; i < count; i++)
		flush |= targets[i].space == self->loaded && asks_lazy(&targets[i]);
	salvo_catch_up(self, salvo_kernel_space());
	if (!flush || self->loaded == salvo_kernel_space())
		return;
	salvo_catch_up(self, self->loaded);
	salvo_cpu_unload_dying(self);
}

/*
 * salvo_ask_and_flush: steps 3 to 5; `asked` becomes the CPUs that were. From reading who it is
 * until all interrupts are raised the initiator keeps interrupts off.
 */
void
salvo_ask_and_flush(struct salvo_cpuset *asked, const struct salvo_target *targets, unsigned count,
	const struct salvo_cpuset *others)
{
	uintptr_t irqs = salvo_port_irq_save();
	unsigned me = salvo_port_this_cpu();
	struct salvo_cpu *self = salvo_port_cpu(me);

	/* A: pairs with the fences in salvo_space_load and salvo_lazy_leave; E: in _walk_begin */
	salvo_atomic_fence();
	salvo_cpuset_clear(asked);
	if (others != NULL)
		choose_online(asked, others);
	for (unsigned i = 0; i < count; i++)
		choose(asked, &targets[i], self);
	salvo_cpuset_remove(asked, me);
	salvo_ask(asked, self);
	flush_here(self, targets, count);
	salvo_port_irq_restore(irqs);
}

/*
 * salvo_complete_all: steps 3 to 7 for many spaces at once, and for CPUs that are asked whatever
 * they have loaded, and catch up with that (`others`, may be NULL): of spaces not known any more,
 * or in a walk.
 */
void
salvo_complete_all(
	const struct salvo_target *targets, unsigned count, const struct salvo_cpuset *others)
{
	struct salvo_cpuset asked;

	if (all_done(targets, count, others)) {
		uintptr_t irqs = salvo_port_irq_save();

		salvo_count(&salvo_this_cpu()->stats.nr_requests_done, count);
		salvo_port_irq_restore(irqs);
		return;
	}
	salvo_ask_and_flush(&asked, targets, count, others);
	for (unsigned c = salvo_cpuset_next(&asked, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(&asked, c + 1))
		wait_for_answer(c, targets, count, others);
	for (unsigned i = 0; i < count; i++)
		salvo_raise_done(&targets[i]);
}

void
salvo_complete(struct salvo_space *space, uintptr_t gen, bool tables)
{
	struct salvo_target target = {.space = space, .gen = gen, .tables = tables};

	salvo_complete_all(&target, 1, NULL);
}

/* salvo_flush_noted: salvo_flush_range, for a gather. */
void
salvo_flush_noted(struct salvo_space *space, const struct salvo_range *range)
{
	salvo_complete(space, salvo_request_noted(space, range), range->tables);
}

void
salvo_flush_range(struct salvo_space *space, const struct salvo_range *range)
{
	salvo_complete(space, salvo_request(space, range), range->tables);
}

void
salvo_flush_page(struct salvo_space *space, uintptr_t address)
{
	struct salvo_range range = {
		.start = address & ~(SALVO_PAGE_SIZE - 1), .stride_shift = SALVO_ARCH_PAGE_SHIFT};

	range.end = range.start + SALVO_PAGE_SIZE;
	if (range.end == 0) /* the last page of all: its end has no address */
		range.end = UINTPTR_MAX;
	salvo_flush_range(space, &range);
}

void
salvo_flush_space(struct salvo_space *space, bool tables)
{
	struct salvo_range range = salvo_range_everywhere(tables);

	salvo_flush_range(space, &range);
}

/* ---- The CPU that is asked ---- */

/* answer: every ticket up to this one. Release: after what was done for them. */
static void
answer(struct salvo_cpu *self, uintptr_t ticket)
{
	salvo_atomic_store_release(&self->answered, ticket);
	salvo_port_trace(SALVO_EVENT_SERVE, ticket, 0);
}

/*
 * may_answer_early: where only leaves of a user's space go this CPU cannot use one until it has
 * flushed: it runs the library, which touches no user memory, and tells NMIs not to. But it walks:
 * so no table may be freed. And it caches: so an address may not be given a translation which an
 * older one must not meet, as some x86 CPUs have it too where a huge leaf is split.
 */
static bool
may_answer_early(const struct salvo_plan *plan)
{
	return !plan->late && !salvo_arch_needs_break();
}

/*
 * serve_early: flush_here, with the answer before the flush of the loaded space, or not at all:
 * then this returns false. The kernel's space is flushed before, since kernel memory is used here.
 * Source: Amit, Tai and Wei 2020.
 */
static bool
serve_early(struct salvo_cpu *self, uintptr_t ticket)
{
	uintptr_t access = salvo_atomic_load(&self->user_access);
	const struct salvo_space *space = self->loaded;
	struct salvo_plan plan;

	salvo_catch_up(self, salvo_kernel_space());
	if (space == salvo_kernel_space() || !salvo_plan_flush(self, space, &plan))
		return false;
	if (!may_answer_early(&plan)) {
		salvo_flush_planned(self, space, &plan);
		return false;
	}
	salvo_atomic_store(&self->user_access, 0);
	answer(self, ticket);
	salvo_flush_planned(self, space, &plan);
	salvo_atomic_store(&self->user_access, access);
	salvo_count(&self->stats.nr_answered_early, 1);
	return true;
}

/*
 * salvo_serve_requests: flush, and answer every ticket given out before: never a ticket whose
 * request the flush does not cover (invariant 1). It looks again after answering (B), a few times;
 * then it interrupts itself, so that no storm of requests can hold a CPU in its handler.
 * => interrupts off
 */
void
salvo_serve_requests(struct salvo_cpu *self)
{
	struct salvo_cpuset me;

	for (unsigned round = 0; round < SALVO_SERVE_ROUNDS; round++) {
		uintptr_t ticket = salvo_atomic_load_acquire(&self->asked);

		if (!serve_early(self, ticket)) {
			salvo_cpu_unload_dying(self);
			answer(self, ticket);
		}
		salvo_atomic_fence(); /* B: pairs with the fence in give_ticket; F: in push */
		if (salvo_atomic_load(&self->later) != 0)
			salvo_take_over(self);
		if (salvo_atomic_load(&self->asked) == ticket)
			return;
	}
	salvo_cpuset_clear(&me);
	salvo_cpuset_add(&me, salvo_port_this_cpu());
	salvo_port_interrupt(&me);
}

void
salvo_serve(void)
{
	uintptr_t irqs = salvo_port_irq_save();
	struct salvo_cpu *self = salvo_this_cpu();

	if (salvo_atomic_load(&self->asked) != salvo_atomic_load(&self->answered))
		salvo_serve_requests(self);
	salvo_port_irq_restore(irqs);
}

/*
 * salvo_interrupt: may find nothing: the request was served by somebody's wait loop here before the
 * interrupt came.
 */
void
salvo_interrupt(void)
{
	struct salvo_cpu *self = salvo_this_cpu();

	SALVO_EXPECT(salvo_port_irqs_off());
	salvo_count(&self->stats.nr_tlb_remote_flush_received, 1);
	if (salvo_atomic_load(&self->asked) != salvo_atomic_load(&self->answered))
		salvo_serve_requests(self);
}
