// SPDX-License-Identifier: MIT
/*
 * reduce.c: orders that make no difference are not tried (partial order reduction).
 *
 * In a state, the transitions of some CPUs may be tried and those of the others left for later, if
 * nothing that the others can do before depends on one of them: they are a persistent set. What a
 * transition touches are words; besides those that software names there is one for each CPU's TLB
 * (and whether it may touch user memory), one for each CPU's interrupts, and one for all else that
 * oracles look at. Two transitions depend on each other if one writes what the other touches. So a
 * transition that oracles see may go first too, if nobody can do before it what they see.
 *
 * What the others can do is found out by following what they did so far, see ahead.c. Their
 * handlers are followed, and those of the CPUs that stand still, which may be interrupted before
 * they go on.
 *
 * Events are learned by the search, which begins with none and is made anew until it has learned
 * nothing. That last one is sound. Assume a schedule that begins in a state of the search and ends
 * with an event that was not learned, the shortest of all. What the search tries there does not
 * depend on the events before the last, which are known. If the schedule has one of these
 * transitions in it, the first of them can be moved to its front, and the rest is a shorter
 * schedule; if that was the last event, it is learned. If not, any of them can be put before the
 * schedule, which is as long as it was, and still ends with an event that was not learned. For if
 * the transition changes what the last event finds, another event is there in its place; had that
 * one been learned, its word would be taken for read at that place, whatever value was found, and
 * the transition would depend on it. (What a handler does is not of the place that it interrupts.)
 * As nothing is put off for ever, the search comes to a state where it tries one of the schedule.
 *
 * Nothing is put off for ever: a transition that is tried alone is made at once, before a state is
 * kept, and such a chain ends; where transitions of some CPUs lead to no new state, those of the
 * others are tried too.
 *
 * From which states the end can be reached is preserved: whatever a full schedule does from a state
 * that is kept is done, in another order, by one of the search. Waking loops that wait is no
 * dependence: a turn of a loop that finds nothing new comes back to where it was.
 */
#include "ahead.h"
#include "reduce.h"

bool reducing = true;

/*
 * adjust: a store into the CPU's own buffer is touched by nobody. But an atomic update in a handler
 * would wait for it; one turn of a waiting loop more follows a handler; a handler may read what the
 * CPU alone writes, which is no step; and none can come where interrupts are off then. In all these
 * cases no interrupt may come before.
 */
static void
adjust(const piece *key, uint8_t via, const struct transition *transition, struct touched *touched)
{
	const struct local *before = state_local(key[1 + via_cpu(via)]);
	bool buffers = tso && before->operation == OP_STORE;

	if (via_command(via) != GO_ON)
		return;
	if (buffers)
		*touched = events_beside(transition);
	if (!before->irqs_off && (buffers || before->operation == OP_RELAX || transition->own ||
					 state_local(transition->local)->irqs_off))
		add_word(&touched->reads, INTERRUPT_WORD + via_cpu(via));
}

/* is_apart: the transition may be made before anything that was found to be ahead. */
static bool
is_apart(const piece *key, uint8_t via, const struct transition *transition,
	const struct touched *ahead)
{
	struct touched touched = events_touched(key, via, transition);

	adjust(key, via, transition, &touched);
	return !depend(&touched, ahead);
}

/*
 * may_be_alone: with stores held back a CPU has two transitions, one of which is to be taken alone.
 * They do not depend on each other, but for what oracles see: stores reach memory in their order,
 * and what waits for the buffer waits.
 */
static bool
may_be_alone(const piece *key, uint8_t via, const struct transition *transition)
{
	const struct local *before = state_local(key[1 + via_cpu(via)]);

	if (via_command(via) == DRAIN)
		return !state_is_walked(before->held_words[0]);
	return before->held == 0 || (!transition->host && transition->tlbs == 0);
}

/* alone_of: a transition of the CPU that needs no other. */
static bool
alone_of(const piece *key, unsigned cpu_count, unsigned cpu, uint8_t *via,
	struct transition *transition)
{
	static const enum command commands[] = {DRAIN, GO_ON};

	for (unsigned i = 0; i < 2; i++) {
		*via = via_of(cpu, commands[i], 0);
		if (!state_can(key, *via) ||
			(commands[i] == GO_ON && state_local(key[1 + cpu])->choices > 1))
			continue;
		if (!state_take(key, *via, transition))
			return false;
		if (!transition->impossible && may_be_alone(key, *via, transition)) {
			const struct touched ahead =
				ahead_of(key, cpu_count, 1u << cpu, commands[i] == GO_ON);

			if (is_apart(key, *via, transition, &ahead))
				return true;
		}
	}
	return false;
}

bool
reduce_only(const piece *key, unsigned cpu_count, unsigned first, uint8_t *via,
	struct transition *transition)
{
	for (unsigned i = 0; i < cpu_count && !failed; i++)
		if (alone_of(key, cpu_count, (first + i) % cpu_count, via, transition))
			return true;
	return false;
}

/* are_apart: whether all that these CPUs can do next is apart from what the others can do before.
 */
static bool
are_apart(const piece *key, unsigned cpu_count, unsigned cpus, const uint8_t *list, unsigned count)
{
	const struct touched ahead = ahead_of(key, cpu_count, cpus, true);

	for (unsigned i = 0; i < count; i++) {
		struct transition transition;

		if ((cpus >> via_cpu(list[i]) & 1) == 0)
			continue;
		/* A choice that is not there may be, once others have done something. */
		if (!state_take(key, list[i], &transition) ||
			!is_apart(key, list[i], &transition, &ahead))
			return false;
	}
	return true;
}

/* reduce_cpus: a CPU that has one transition is not asked by itself: it would have gone alone. */
unsigned
reduce_cpus(const piece *key, unsigned cpu_count, const uint8_t *list, unsigned count)
{
	const unsigned all = (1u << cpu_count) - 1;
	unsigned can = 0, several = 0, best = all;

	for (unsigned i = 0; i < count; i++) {
		several |= can & 1u << via_cpu(list[i]);
		can |= 1u << via_cpu(list[i]);
	}
	for (unsigned cpus = 1; cpus < all && !failed; cpus++)
		if ((cpus & ~can) == 0 && (best == all || (cpus & ~best) == 0) &&
			((cpus & (cpus - 1)) != 0 || (cpus & several) != 0) &&
			are_apart(key, cpu_count, cpus, list, count))
			best = cpus;
	return best;
}
