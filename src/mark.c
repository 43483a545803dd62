// SPDX-License-Identifier: MIT
/*
 * mark.c: which tables have entries that were changed and are not flushed yet.
 *
 * A space's `pending` tells that somebody has not flushed, not where: an operation that finds its
 * work done already must then flush all its range. Where the host keeps a word for each table
 * (salvo_port_mark) it flushes only what was changed where it looked:
 *
 *   1. at the first table that it changes, an operation takes a number     take_number
 *   2. before it drops that table's lock it leaves the number in its word  write_mark
 *   3. whoever looks at an entry looks at the word, under the same lock    is_pending
 *   4. when it has flushed, it notes its number, unless that is written
 *      over one that may not be flushed (G)                                salvo_note_flushed
 *   5. who lowers the last `pending` of a space notes, as `quiet`, that
 *      all numbers given out before are flushed                            salvo_lower_mark
 *
 * A number that `quiet` has reached is flushed, and so is one of the last few that were noted. Step
 * 4 is for spaces where somebody is always at work, so that `quiet` stays: without it an operation
 * would find the one before it in each table that both change.
 *
 * D) a number is taken while the last mark is lowered
 *         operation A                        operation B
 *         a: pending = pending + 1
 *         b: number = begun + 1              d: read begun
 *            pte = 0; word = number          e: pending = pending - 1: it is 0 now
 *            flush                           f: quiet = what d read
 *         c: pending = pending - 1
 *    Forbidden: f gives A's number before A has flushed. If d reads it, a was before, and e makes 0
 *    only after c.
 *
 * G) a number is noted that is written over another
 *         operation A                        operation B
 *         lock; pte = 0; word = a; unlock
 *                                            lock; word = b, a was there: not flushed; unlock
 *                                            flush what B cleared; note b
 *         flush; note a
 *    Forbidden: b in the word, and noted, before A has flushed. So B does not note b: it counts as
 *    flushed when `quiet` comes to it. What is hidden behind B's number is so behind each that is
 *    written over it, for that one finds b not flushed. A batch notes what it has written over any:
 *    it flushes all of the space, A's change too.
 *
 * Requests that leave no mark (a host's own; a batch's that had no room for the space) may concern
 * any table: while one is not complete (`loose`), everything is pending.
 */
#include "internal.h"

/* forget: the number is given out, maybe again: what it stands for is not flushed. */
static void
forget(struct salvo_space *space, uintptr_t number)
{
	struct salvo_word *noted = &space->flushed[number % SALVO_NOTES];

	if (salvo_atomic_load(noted) == number)
		salvo_atomic_store(noted, 0);
}

/* take_number: never 0, which is the mark of a table that nobody has changed. */
static uintptr_t
take_number(struct salvo_space *space, uintptr_t *number)
{
	while (*number == 0) {
		*number = salvo_atomic_add(&space->begun, 1) + 1;
		forget(space, *number);
	}
	return *number;
}

/*
 * is_flushed: no number is, while so many were given out since the last quiet moment that an old
 * one might be taken for a new one. A mark that is older still looks new, which costs a flush. (As
 * many operations as a counter counts, each begun before the last had ended, are not provided for.)
 */
static bool
is_flushed(const struct salvo_space *space, uintptr_t mark)
{
	uintptr_t quiet = salvo_atomic_load_acquire(&space->quiet);
	uintptr_t open = (salvo_atomic_load_acquire(&space->begun) - quiet) & SALVO_COUNTER_MASK;

	if (open < SALVO_COUNTER_MASK >> 2 && salvo_count_difference(mark, quiet) <= 0)
		return true;
	/* Pairs with the release in salvo_note_flushed. */
	return salvo_atomic_load_acquire(&space->flushed[mark % SALVO_NOTES]) == mark;
}

/*
 * write_mark: whether a number of somebody else's is gone from the word that may not be flushed.
 * Which of two stays is the same to everybody else: where both are not flushed `quiet` comes to
 * both at once. But each owner must find it if the other has changed something since: so the
 * number that comes last stays, and its owner is told.
 */
static bool
write_mark(struct salvo_space *space, struct salvo_word *word, uintptr_t number)
{
	uintptr_t mark = salvo_atomic_load_acquire(word);

	while (mark != number && !salvo_atomic_compare_exchange(word, &mark, number))
		;
	return mark != number && !is_flushed(space, mark);
}

/* is_loose: a request that left no mark is not complete. */
static bool
is_loose(const struct salvo_space *space)
{
	uintptr_t loose = salvo_atomic_load_acquire(&space->loose);

	return salvo_count_difference(loose, salvo_atomic_load_acquire(&space->done)) > 0;
}

/* is_pending: somebody else than the owner of the number may not have flushed. */
static bool
is_pending(const struct salvo_space *space, const struct salvo_word *word, uintptr_t number)
{
	uintptr_t mark = salvo_atomic_load_acquire(word);

	return (mark != number && !is_flushed(space, mark)) || is_loose(space);
}

/*
 * salvo_look: what the gather must know of a table before it looks at entries there. What it met
 * once it remembers: its own mark hides older ones.
 */
void
salvo_look(struct salvo_gather *gather, uintptr_t table, uintptr_t address)
{
	const struct salvo_word *word = salvo_port_mark(gather->space, table, address);

	if (word == NULL || gather->dying)
		return;
	gather->blind = false;
	gather->met |= is_pending(gather->space, word, gather->number);
}

/* salvo_leave_mark: the gather has changed entries of a table that it looked at. */
void
salvo_leave_mark(struct salvo_gather *gather, uintptr_t table, uintptr_t address)
{
	struct salvo_word *word = salvo_port_mark(gather->space, table, address);

	if (word != NULL && !gather->dying)
		gather->met |= write_mark(
			gather->space, word, take_number(gather->space, &gather->number));
}

void
salvo_gather_mark(struct salvo_gather *gather, uintptr_t table, uintptr_t address)
{
	salvo_look(gather, table, address);
	salvo_leave_mark(gather, table, address);
}

void
salvo_batch_mark(
	struct salvo_batch *batch, struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	struct salvo_word *word = salvo_port_mark(space, table, address);
	struct salvo_target *target = word != NULL ? salvo_batch_target(batch, space) : NULL;

	if (target == NULL || (target->number != 0 && salvo_atomic_load(word) == target->number))
		return; /* entries of a table come one after the other */
	(void)write_mark(space, word, take_number(space, &target->number));
}

bool
salvo_pte_flush_pending(struct salvo_space *space, uintptr_t table, uintptr_t address)
{
	const struct salvo_word *word = salvo_port_mark(space, table, address);

	return word != NULL ? is_pending(space, word, 0) : salvo_outstanding_but(space, 0);
}
