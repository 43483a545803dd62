// SPDX-License-Identifier: MIT
/*
 * latr.c: Kumar et al., "LATR: Lazy Translation Coherence" (ASPLOS 2018), built from its abstract and what
 * others quote of it: an unmap leaves a note and returns; each CPU flushes what the notes say at its
 * next tick or switch; the pages are freed when all have. What cannot wait (a protect, freed tables,
 * more notes than there is room for) is flushed as Linux does.
 */
#include <stdlib.h>

#include "../clock.h"
#include "../cpu.h"
#include "../frames.h"
#include "../generations.h"
#include "../lines.h"
#include "../machine.h"
#include "../space.h"

enum { NOTES = 64 /* of a CPU */ };

struct note {
	SALVO_CACHE_ALIGNED struct salvo_cpuset cpus; /* that have not flushed yet */
	bool active;
	struct space *space; /* NULL: of several */
	uintptr_t start, end;
	struct frame_list frames;
};

static const struct calls_way way = {.early = false};
static struct note (*notes)[NOTES];
static struct note *last[CLOCK_CPUS_MAX]; /* the note that a CPU has just left */
static struct note **active;
static unsigned active_count;

static void
reset(void)
{
	generations_reset();
	notes = lines_allocate(sizeof(*notes) * machine.cpus, LINES_CALL);
	active = lines_allocate(sizeof(struct note *) * machine.cpus * NOTES, LINES_HOST);
	active_count = 0;
	for (unsigned c = 0; c < CLOCK_CPUS_MAX; c++)
		last[c] = NULL;
}

/* retire: every CPU has flushed: the pages are free. => it is the i-th active one */
static void
retire(unsigned i)
{
	struct note *note = active[i];

	active[i] = active[--active_count];
	note->active = false;
	while (note->frames.first != 0) {
		struct frame *frame = frame_of(note->frames.first);

		frame_list_remove(&note->frames, frame);
		frame_give(frame);
	}
}

/* sweep: this CPU looks at all notes, and flushes once for all that are its own. => irqs off */
static void
sweep(unsigned cpu, bool flush)
{
	bool mine = false;

	for (unsigned i = 0; i < active_count; i++)
		mine |= salvo_cpuset_has(&active[i]->cpus, cpu);
	if (!mine)
		return;
	if (flush)
		generations_here();
	for (unsigned i = active_count; i-- > 0;) {
		if (i >= active_count || !salvo_cpuset_has(&active[i]->cpus, cpu))
			continue;
		lines_touch(active[i], true);
		if (i >= active_count || !salvo_cpuset_has(&active[i]->cpus, cpu))
			continue;
		salvo_cpuset_remove(&active[i]->cpus, cpu);
		if (salvo_cpuset_empty(&active[i]->cpus))
			retire(i);
	}
}

static void
tick(unsigned cpu)
{
	sweep(cpu, true);
}

static void
switched(unsigned cpu, struct space *from, struct space *to)
{
	generations_switched(cpu, from, to);
	sweep(cpu, false);
}

/* A CPU that turns lazy catches up before it is not. */
static void
lazy(unsigned cpu, bool is)
{
	generations_lazy(cpu, is);
	if (is)
		sweep(cpu, false);
}

/* free_note: one of this CPU's; NULL: all are taken. */
static struct note *
free_note(void)
{
	for (unsigned i = 0; i < NOTES; i++)
		if (!notes[clock_cpu][i].active)
			return &notes[clock_cpu][i];
	return NULL;
}

static void
cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages, bool dirty)
{
	struct salvo_cpuset set;

	if (op->kind != FLUSH_RECLAIM) {
		generations_cleared(op, space, address, pages, dirty);
		return;
	}
	op->pages += (unsigned)pages;
	generations_next(space);
	generations_cpus(&set, space);
	for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
		op->cpus.bits[i] |= set.bits[i];
}

static void
finish(struct flush_op *op)
{
	struct note *note = free_note();
	uintptr_t irqs;

	last[clock_cpu] = NULL;
	if (op->kind == FLUSH_PROTECT || op->tables || note == NULL || op->pages == 0) {
		generations_finish(op, &way);
		return;
	}
	irqs = cpu_irq_save();
	lines_touch(note, true);
	if (op->kind != FLUSH_RECLAIM) {
		generations_next(op->space);
		generations_cpus(&op->cpus, op->space);
	}
	note->cpus = op->cpus;
	note->active = true;
	note->frames = (struct frame_list){0};
	active[active_count++] = note;
	last[clock_cpu] = note;
	if (salvo_cpuset_has(&note->cpus, clock_cpu))
		generations_here();
	salvo_cpuset_remove(&note->cpus, clock_cpu);
	for (unsigned c = salvo_cpuset_next(&note->cpus, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(&note->cpus, c + 1))
		if (cpus[c].lazy || cpus[c].task == NULL)
			salvo_cpuset_remove(&note->cpus, c);
	if (salvo_cpuset_empty(&note->cpus))
		for (unsigned i = active_count; i-- > 0;)
			if (active[i] == note)
				retire(i);
	cpu_irq_restore(irqs);
	generations_begin(op);
}

/* hold: the page waits for the note that its unmap has left. */
static bool
hold(struct frame *frame)
{
	struct note *note = last[clock_cpu];

	if (note == NULL || !note->active)
		return false;
	frame_list_add(&note->frames, frame);
	return true;
}

const struct policy policy_latr = {
	.name = "latr",
	.source = "Kumar et al., ASPLOS 2018 (abstract, quotations): flushes at the next tick",
	.begin = generations_begin,
	.cleared = cleared,
	.finish = finish,
	.hold = hold,
	.switched = switched,
	.lazy = lazy,
	.interrupted = calls_interrupted,
	.tick = tick,
	.reset = reset,
};
