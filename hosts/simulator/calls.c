// SPDX-License-Identifier: MIT
/*
 * calls.c: each CPU has a queue of calls, which others add to; who finds it empty raises an
 * interrupt. The caller has one call for each CPU, which it may use again when it is answered.
 */
#include <string.h>

#include "calls.h"
#include "clock.h"
#include "cpu.h"
#include "lines.h"
#include "machine.h"

struct call {
	SALVO_CACHE_ALIGNED struct salvo_word locked; /* until it is answered */
	struct call *next;
	calls_function *function;
	void *info;
	const struct calls_way *way;
};

static struct queue {
	SALVO_CACHE_ALIGNED struct salvo_word head; /* stands for the line that `first` is in */
	struct call *first;
} * queues;

static struct call *calls[CLOCK_CPUS_MAX]; /* a CPU's own, one for each other */

void
calls_reset(void)
{
	queues = lines_allocate(sizeof(*queues) * machine.cpus, LINES_CALL);
	memset(calls, 0, sizeof(calls));
}

/* add: the call to a CPU's queue; whether that was empty. */
static bool
add(unsigned cpu, struct call *call)
{
	struct queue *queue = &queues[cpu];
	bool was_empty;

	lines_add(&queue->head, 1);
	was_empty = queue->first == NULL;
	call->next = queue->first;
	queue->first = call;
	return was_empty;
}

static void
wait_for(const struct call *call)
{
	enum where before = cpu_enter(WAIT);

	while (lines_load(&call->locked) != 0)
		lines_turn();
	cpu_enter(before);
}

/* raise_all: calls for all, then the interrupts at once. => interrupts off */
static void
raise_all(const struct salvo_cpuset *set, const struct call *like)
{
	struct salvo_cpuset interrupt;

	salvo_cpuset_clear(&interrupt);
	for (unsigned c = salvo_cpuset_next(set, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(set, c + 1)) {
		struct call *call = &calls[clock_cpu][c];

		lines_store(&call->locked, 1);
		call->function = like->function;
		call->info = like->info;
		call->way = like->way;
		if (add(c, call))
			salvo_cpuset_add(&interrupt, c);
	}
	cpu_send(&interrupt);
}

void
calls_make(const struct salvo_cpuset *set, const struct calls_way *way, calls_function *function,
	void *info, calls_function *here)
{
	struct salvo_cpuset others = *set;
	uintptr_t irqs = cpu_irq_save();
	const struct call *mine;

	if (calls[clock_cpu] == NULL)
		calls[clock_cpu] = lines_allocate(sizeof(struct call) * machine.cpus, LINES_CALL);
	mine = calls[clock_cpu];
	salvo_cpuset_remove(&others, clock_cpu);
	if (way->in_turn && here != NULL)
		here(info);
	raise_all(&others, &(struct call){.function = function, .info = info, .way = way});
	if (!way->in_turn && here != NULL)
		here(info);
	cpu_irq_restore(irqs);
	for (unsigned c = salvo_cpuset_next(&others, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(&others, c + 1))
		wait_for(&mine[c]);
}

/* answer: the caller's line goes back to it. */
static void
answer(struct call *call)
{
	lines_store(&call->locked, 0);
}

static void
serve(struct call *call)
{
	/* Answered early, the call may be used again at once: all of it is read before. */
	calls_function *function = call->function;
	void *info = call->info;

	lines_load(&call->locked);
	if (!call->way->one_line && info != NULL)
		lines_touch(info, false); /* of a caller's stack: not simulated */
	if (!call->way->early) {
		function(info);
		answer(call);
		return;
	}
	cpu_self()->owes_flush = true;
	answer(call);
	function(info);
	cpu_self()->owes_flush = false;
}

void
calls_interrupted(void)
{
	struct queue *queue = &queues[clock_cpu];
	struct call *call, *next;

	lines_exchange(&queue->head, 0);
	call = queue->first;
	queue->first = NULL;
	for (; call != NULL; call = next) {
		next = call->next;
		serve(call);
	}
}
