// SPDX-License-Identifier: MIT
/*
 * latr.c: Kumar et al., "LATR: Lazy Translation Coherence" (ASPLOS 2018), from its abstract and the
 * kernel that its authors published (Linux 4.10, github.com/sslab-gatech/latr), on Linux's generations
 * of 4.14:
 *
 *   1. munmap and MADV_DONTNEED flush here and leave a state, which says what to flush and names the
 *      CPUs that have yet to, in a ring of this CPU's own; no free state: interrupts, as Linux
 *   2. at its tick, and when it switches, each CPU looks at the rings of all, and for each state that
 *      names it flushes, and then takes its name off
 *   3. a page is free at the second tick of its CPU after it was unmapped; the CPU gives it back then
 *      or with what it unmaps next
 *
 * All else is flushed as Linux does: reclaim and protects; freed tables, too, for walkers' sake.
 * Must never: free a page before every name is off the states that are older. The kernel goes by time,
 * and interrupts after two rounds whoever has not answered; here the page waits.
 *
 * Of this file alone: a node short of memory has unmaps flushed by interrupts, their pages free at
 * once, as what the kernel would do is not said; the kernel's wait of two seconds is two ticks.
 */
#include "../clock.h"
#include "../cpu.h"
#include "../frames.h"
#include "../generations.h"
#include "../lines.h"
#include "../machine.h"
#include "../space.h"

#ifndef LATR_STATES
#define LATR_STATES  256 /* of a CPU */
#define LATR_PERIODS 4   /* between ticks, whose pages may wait */
#endif

enum { GIVEN_AT_ONCE = 64 };

struct state {
	struct generations_info info;    /* written by the ring's CPU, read by all */
	struct salvo_shared_cpuset cpus; /* each takes itself off */
};

/* Pages that were unmapped between two ticks. */
struct period {
	struct frame_list frames;
	uint64_t end; /* the ring's, when it was over */
};

/* A CPU's states, from `start` to before `end`, which only it moves; others read them. */
static struct ring {
	SALVO_CACHE_ALIGNED uint64_t start;
	uint64_t end;
	struct state *states;
	SALVO_CACHE_ALIGNED uint64_t period, oldest; /* the CPU's own from here */
	struct period periods[LATR_PERIODS];
	struct frame_list free; /* pages that nobody's TLB has, to be given back */
	bool holds;             /* pages of the last unmap wait */
} * rings;

static const struct calls_way way = {.early = false};

static void
reset(void)
{
	generations_reset();
	rings = lines_allocate(sizeof(*rings) * machine.cpus, LINES_CALL);
}

/* ---- Sweeping ---- */

/* answer: if this CPU's name is on the state. It may be a newer one by now, which is as well. */
static void
answer(struct state *state)
{
	if (!salvo_shared_cpuset_has(&state->cpus, clock_cpu))
		return;
	lines_touch(&state->info, false);
	generations_catch_up(&state->info);
	salvo_shared_cpuset_leave(&state->cpus, clock_cpu);
}

/* sweep: => interrupts off */
static void
sweep(void)
{
	for (unsigned c = 0; c < machine.cpus; c++) {
		uint64_t end;

		lines_touch(&rings[c], false);
		end = rings[c].end;
		for (uint64_t i = rings[c].start; i != end; i++)
			answer(&rings[c].states[i % LATR_STATES]);
	}
}

/* is_answered: nobody's name is left. */
static bool
is_answered(const struct state *state)
{
	for (unsigned i = 0; i * SALVO_CPUSET_BITS < machine.cpus; i++)
		if (salvo_shared_cpuset_word(&state->cpus, i) != 0)
			return false;
	return true;
}

/* free_period: the oldest one's pages. */
static void
free_period(struct ring *mine)
{
	struct frame_list *frames = &mine->periods[mine->oldest++ % LATR_PERIODS].frames;

	while (frames->first != 0) {
		struct frame *frame = frame_of(frames->first);

		frame_list_remove(frames, frame);
		frame_list_add(&mine->free, frame);
	}
}

/* give: back to the nodes, so many; the kernel has a thread for it, and ticks come all at once. */
static void
give(struct ring *mine, size_t most)
{
	for (; most != 0 && mine->free.first != 0; most--) {
		struct frame *frame = frame_of(mine->free.first);

		frame_list_remove(&mine->free, frame);
		frame_give(frame);
	}
}

/* is_short: this node has so little memory that kswapd is woken. */
static bool
is_short(void)
{
	const struct node *node = &nodes[machine_node(clock_cpu)];

	return lines_load(&node->free_count) < node->low;
}

/* move_start: past the states that are answered. */
static void
move_start(struct ring *mine)
{
	uint64_t start = mine->start;

	while (start != mine->end && is_answered(&mine->states[start % LATR_STATES]))
		start++;
	if (start == mine->start)
		return;
	lines_touch(mine, true);
	mine->start = start;
}

static void
tick(unsigned cpu)
{
	struct ring *mine = &rings[cpu];

	sweep();
	move_start(mine);
	while (mine->oldest != mine->period &&
		mine->periods[mine->oldest % LATR_PERIODS].end <= mine->start)
		free_period(mine);
	mine->periods[mine->period % LATR_PERIODS].end = mine->end;
	if (mine->period - mine->oldest < LATR_PERIODS - 1)
		mine->period++;
	give(mine, is_short() ? SIZE_MAX : GIVEN_AT_ONCE);
}

static void
switched(unsigned cpu, struct space *from, struct space *to)
{
	generations_switched(cpu, from, to);
	sweep();
}

static void
lazy(unsigned cpu, bool is)
{
	if (is)
		sweep();
	generations_lazy(cpu, is);
}

/* ---- Leaving states ---- */

/* leave_state: => there is a free one; interrupts off */
static void
leave_state(struct ring *mine, const struct generations_info *info, const struct salvo_cpuset *set)
{
	struct state *state;

	if (mine->states == NULL)
		mine->states = lines_allocate(sizeof(*state) * LATR_STATES, LINES_CALL);
	state = &mine->states[mine->end % LATR_STATES];
	lines_touch(&state->info, true);
	state->info = *info;
	for (unsigned i = 0; i * SALVO_CPUSET_BITS < machine.cpus; i++)
		lines_store(&state->cpus.bits[i], set->bits[i]);
	lines_touch(mine, true);
	mine->end++;
}

/* put_off: flush here; the other CPUs that have the space loaded find a state. */
static void
put_off(struct flush_op *op, struct ring *mine)
{
	struct generations_info info = generations_info(op);
	uintptr_t irqs = cpu_irq_save();

	generations_cpus(&op->cpus, op->space);
	if (salvo_cpuset_has(&op->cpus, clock_cpu))
		generations_catch_up(&info);
	salvo_cpuset_remove(&op->cpus, clock_cpu);
	generations_leave_out_lazy(&op->cpus);
	mine->holds = !salvo_cpuset_empty(&op->cpus);
	if (mine->holds)
		leave_state(mine, &info, &op->cpus);
	cpu_irq_restore(irqs);
	generations_begin(op);
}

static void
finish(struct flush_op *op)
{
	struct ring *mine = &rings[clock_cpu];

	mine->holds = false;
	give(mine, op->pages + GIVEN_AT_ONCE);
	if (op->kind == FLUSH_UNMAP && !op->tables && op->pages != 0 &&
		mine->end - mine->start < LATR_STATES && !is_short())
		put_off(op, mine);
	else
		generations_finish(op, &way);
}

static bool
hold(struct frame *frame)
{
	struct ring *mine = &rings[clock_cpu];

	if (mine->holds)
		frame_list_add(&mine->periods[mine->period % LATR_PERIODS].frames, frame);
	return mine->holds;
}

const struct policy policy_latr = {
	.name = "latr",
	.source = "Kumar et al., ASPLOS 2018 (abstract, published kernel): unmaps are flushed at "
		  "the next tick",
	.explorer = "latr_*: safe, as far as linux-4.3 is; but latr_still_used, as meant",
	.begin = generations_begin,
	.cleared = generations_cleared,
	.finish = finish,
	.hold = hold,
	.switched = switched,
	.lazy = lazy,
	.interrupted = calls_interrupted,
	.tick = tick,
	.reset = reset,
};
