/* SPDX-License-Identifier: MIT */
/*
 * internal.h: what the library's files share. Nothing here is promised to a host.
 */
#ifndef SALVO_INTERNAL_H
#define SALVO_INTERNAL_H

#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "change.h"

/* A precondition: the host is told when it does not hold. */
#define SALVO_EXPECT(condition)                                                                    \
	((condition) ? (void)0 : salvo_port_broken(#condition, __FILE__, __LINE__))

/* Counters wrap after this. */
#define SALVO_COUNTER_MASK  (UINTPTR_MAX >> (SALVO_WORD_BITS - SALVO_COUNTER_BITS))

#define SALVO_PAGE_SIZE     ((uintptr_t)1 << SALVO_ARCH_PAGE_SHIFT)

#define SALVO_TABLE_ENTRIES ((size_t)1 << SALVO_ARCH_INDEX_BITS)

/*
 * salvo_count_difference: a - b of two counters that are less than half of what they count apart.
 */
static inline intptr_t
salvo_count_difference(uintptr_t a, uintptr_t b)
{
	const uintptr_t sign = SALVO_COUNTER_MASK ^ (SALVO_COUNTER_MASK >> 1);

	return (intptr_t)((((a - b) & SALVO_COUNTER_MASK) ^ sign) - sign);
}

/* salvo_raise: a counter that only rises, to this or further. */
static inline void
salvo_raise(struct salvo_word *counter, uintptr_t to)
{
	uintptr_t before = salvo_atomic_load(counter);

	while (salvo_count_difference(to, before) > 0)
		if (salvo_atomic_compare_exchange(counter, &before, to))
			return;
}

/* salvo_count: more of a statistic. => interrupts off, the calling CPU's own statistics */
static inline void
salvo_count(struct salvo_word *statistic, uintptr_t amount)
{
	salvo_atomic_store(statistic, salvo_atomic_load(statistic) + amount);
}

/* salvo_this_cpu: => interrupts off */
static inline struct salvo_cpu *
salvo_this_cpu(void)
{
	return salvo_port_cpu(salvo_port_this_cpu());
}

static inline struct salvo_space *
salvo_kernel_space(void)
{
	return &salvo_port_machine()->kernel;
}

/* salvo_new_identity: never 0, and never used before. */
static inline uintptr_t
salvo_new_identity(struct salvo_machine *machine)
{
	return salvo_atomic_add(&machine->next_id, 1) + 1;
}

static inline struct salvo_range
salvo_range_everywhere(bool tables)
{
	return (struct salvo_range){
		.end = UINTPTR_MAX, .stride_shift = SALVO_ARCH_PAGE_SHIFT, .tables = tables};
}

/* space.c */
/* => interrupts off */
void salvo_cpu_set_loaded(struct salvo_cpu *self, uintptr_t id, uintptr_t seen);
void salvo_cpu_unload_dying(struct salvo_cpu *self);

/* batch.c */
struct salvo_target *salvo_batch_target(struct salvo_batch *batch, const struct salvo_space *space);

/* gather.c */
void salvo_lower_numbered_mark(struct salvo_space *space);
bool salvo_gather_run(struct salvo_gather *gather, const struct salvo_run *run);
size_t salvo_gather_room(struct salvo_gather *gather, size_t most);
void salvo_gather_unlinked(struct salvo_gather *gather, uintptr_t address, unsigned span_shift);
bool salvo_gather_free_table(struct salvo_gather *gather, uintptr_t frame);
void salvo_gather_each_pending(const struct salvo_gather *gather,
	void (*visit)(struct salvo_space *space, const struct salvo_run *run));

/* later.c */
void salvo_complete_later(struct salvo_space *space, uintptr_t gen, bool tables,
	struct salvo_later *later, salvo_later_over *over);
void salvo_flush_nothing_later(
	struct salvo_space *space, struct salvo_later *later, salvo_later_over *over);
/* => interrupts off */
void salvo_take_over(struct salvo_cpu *self);
void salvo_carry_on(struct salvo_cpu *self);
void salvo_hand_over(struct salvo_cpu *self);

/* mark.c */
void salvo_look(struct salvo_gather *gather, uintptr_t table, uintptr_t address);
void salvo_leave_mark(struct salvo_gather *gather, uintptr_t table, uintptr_t address);

/*
 * flush.c: what a CPU has to flush to catch up with a space. Ranges are sorted by their start, and
 * joined.
 */
struct salvo_plan {
	uintptr_t id; /* the space's identity, and how far the flush will go */
	uintptr_t gen;
	bool renewed;    /* the identity is another than was loaded */
	bool late;       /* page tables may be freed once it is flushed, or huge leaves replaced */
	bool everything; /* instead of ranges */
	unsigned count;
	struct salvo_range ranges[SALVO_RING];
};

bool salvo_plan_flush(
	const struct salvo_cpu *self, const struct salvo_space *space, struct salvo_plan *plan);
void salvo_flush_planned(
	struct salvo_cpu *self, const struct salvo_space *space, const struct salvo_plan *plan);
uintptr_t salvo_request_noted(struct salvo_space *space, const struct salvo_range *range);
void salvo_catch_up(struct salvo_cpu *self, const struct salvo_space *space);

/* shootdown.c */
void salvo_ask_and_flush(struct salvo_cpuset *asked, const struct salvo_target *targets,
	unsigned count, const struct salvo_cpuset *others);
void salvo_ask(const struct salvo_cpuset *asked, struct salvo_cpu *self);
bool salvo_is_done(const struct salvo_target *target);
void salvo_raise_done(const struct salvo_target *target);
void salvo_flush_noted(struct salvo_space *space, const struct salvo_range *range);
void salvo_serve_requests(struct salvo_cpu *self);
void salvo_wait_unloaded(struct salvo_space *space);
void salvo_complete_all(
	const struct salvo_target *targets, unsigned count, const struct salvo_cpuset *others);

/*
 * walk.c: a sweep goes over the leaves of a range, one table after the other:
 *    salvo_sweep_begin(&sweep, gather, start, end);
 *    while (salvo_sweep_table(&sweep)) {
 *            salvo_sweep_lock(&sweep);
 *            while (salvo_sweep_leaf(&sweep))
 *                    change *sweep.entry, and tell the gather
 *            salvo_sweep_unlock(&sweep);
 *    }
 */
struct salvo_sweep {
	struct salvo_gather *gather;
	uintptr_t next; /* where to go on */
	uintptr_t end;
	bool splits; /* a huge leaf that the range does not cover was passed over */
	/* the table that salvo_sweep_table found */
	uintptr_t table; /* its frame */
	unsigned level;
	bool unflushed;               /* salvo_unflushed, asked when it was locked */
	uintptr_t table_end;          /* the address past what it maps of the range */
	struct salvo_word *following; /* its entry for `next` */
	/* the leaf that salvo_sweep_leaf found */
	struct salvo_word *entry;
	uintptr_t address;
};

/*
 * salvo_note_change: the leaf that the sweep is at was changed; the gather is to flush it if the
 * change needs that. What needs a break is made absent first.
 */
static inline void
salvo_note_change(struct salvo_gather *gather, const struct salvo_sweep *sweep, salvo_pte old,
	salvo_pte new_pte)
{
	enum salvo_need need = salvo_change_needs(old, new_pte, sweep->level);

	SALVO_EXPECT(need != SALVO_NEEDS_BREAK);
	if (need != SALVO_NEEDS_NOTHING)
		salvo_gather_cleared(gather, sweep->address, SALVO_LEVEL_SHIFT(sweep->level));
}

/*
 * salvo_note_flushed: what was changed under this number, if it is one, is flushed. hides: it is
 * written over another that may not be (G, see mark.c).
 */
static inline void
salvo_note_flushed(struct salvo_space *space, uintptr_t number, bool hides)
{
	if (number != 0 && !hides) /* pairs with the acquire in is_flushed */
		salvo_atomic_store_release(&space->flushed[number % SALVO_NOTES], number);
}

/*
 * salvo_lower_mark: what the mark stands for is flushed. `numbered`: numbers are in use in this
 * space.
 */
static inline void
salvo_lower_mark(struct salvo_space *space, bool numbered)
{
	if (numbered)
		salvo_lower_numbered_mark(space);
	else
		salvo_atomic_add(&space->pending, (uintptr_t)-1);
}

void salvo_sweep_begin(
	struct salvo_sweep *sweep, struct salvo_gather *gather, uintptr_t start, uintptr_t end);
bool salvo_sweep_table(struct salvo_sweep *sweep);
void salvo_sweep_look(struct salvo_sweep *sweep);
void salvo_sweep_mark(struct salvo_sweep *sweep);
void salvo_sweep_lock(struct salvo_sweep *sweep);
void salvo_sweep_unlock(struct salvo_sweep *sweep);
bool salvo_sweep_leaf(struct salvo_sweep *sweep);

struct salvo_word *salvo_table_entry(uintptr_t frame, uintptr_t address, unsigned level);
struct salvo_word *salvo_walk(
	const struct salvo_space *space, uintptr_t address, unsigned *level, uintptr_t *table);
uintptr_t salvo_next_boundary(uintptr_t address, unsigned shift, uintptr_t end);

/*
 * salvo_change_entry: replace an entry by a function of it, atomically against the hardware's
 * Accessed and Dirty; returns what was there. => the table's lock is held
 */
static inline salvo_pte
salvo_change_entry(
	struct salvo_word *entry, salvo_pte (*change)(salvo_pte pte, unsigned), unsigned argument)
{
	salvo_pte old = salvo_atomic_load(entry);

	for (;;) {
		salvo_pte new = change(old, argument);

		if (new == old || salvo_atomic_compare_exchange(entry, &old, new))
			return old;
	}
}

/*
 * salvo_outstanding_but: entries of the space may have been cleared whose flush is not complete, by
 * somebody who is not among the `own` marks of the caller. `done` short of `gen` is a batch's that
 * had no room for the space, or a request's under way.
 */
static inline bool
salvo_outstanding_but(const struct salvo_space *space, uintptr_t own)
{
	return salvo_atomic_load_acquire(&space->pending) != own ||
	       salvo_atomic_load_acquire(&space->done) != salvo_atomic_load_acquire(&space->gen);
}

/*
 * salvo_unflushed: an entry that is read-only may be cached writable still, by CPUs whose stores
 * set Dirty nowhere once it is cleared: whoever took the right away has not flushed. `own` is the
 * number of marks that the caller has on the space.
 * => the lock of the entry's table is held, and the entry is not cleared yet: a flush that ends in
 *    between would hide a store that came before its end
 */
static inline bool
salvo_unflushed(const struct salvo_space *space, uintptr_t own)
{
	return !salvo_arch_clean_write_traps() && salvo_outstanding_but(space, own);
}

/*
 * salvo_may_be_dirty: a page must be taken for written when this entry of it is gone: Dirty is set,
 * or stores may have passed through a cached entry without setting it (invariant 2).
 */
static inline bool
salvo_may_be_dirty(salvo_pte pte, bool unflushed)
{
	return salvo_arch_pte_dirty(pte) || unflushed ||
	       (salvo_arch_pte_writable(pte) && !salvo_arch_clean_write_traps());
}

#endif
