// SPDX-License-Identifier: MIT
/*
 * generations.c: see generations.h. In words: a flush raises the space's generation and calls the
 * CPUs of its mask that are not lazy. A CPU that is called compares: it does nothing if it is as far,
 * flushes the range if it is one behind and the range is of that generation, else everything. A lazy
 * CPU that is called all the same leaves the space. A switch to a space flushes if it is behind.
 */
#include <string.h>

#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "clock.h"
#include "cpu.h"
#include "generations.h"
#include "lines.h"
#include "machine.h"
#include "space.h"
#include "tlb.h"

enum { SLOTS = 6 };

static struct holder {
	SALVO_CACHE_ALIGNED struct salvo_word lazy; /* written by the CPU, read by initiators */
	SALVO_CACHE_ALIGNED struct space *loaded;   /* these are the CPU's alone */
	unsigned slot, next_slot;
	struct {
		struct space *space;
		uintptr_t gen;
	} slots[SLOTS];
	struct generations_info info;
} * holders;

void
generations_reset(void)
{
	calls_reset();
	holders = lines_allocate(sizeof(*holders) * machine.cpus, LINES_CPU);
}

/* ---- Switches ---- */

/* find_slot: the space's, or the next one in turn. */
static unsigned
find_slot(struct holder *self, const struct space *space)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (self->slots[i].space == space)
			return i;
	self->next_slot = (self->next_slot + 1) % SLOTS;
	return self->next_slot;
}

void
generations_join(struct space *space, unsigned cpu)
{
	salvo_atomic_or(&space->cpus.bits[salvo_cpuset_index(cpu)], salvo_cpuset_bit(cpu));
}

void
generations_switched(unsigned cpu, struct space *from, struct space *to)
{
	struct holder *self = &holders[cpu];
	uintptr_t gen;
	bool keep;

	(void)from;
	if (self->loaded != NULL)
		salvo_shared_cpuset_leave(&self->loaded->cpus, cpu);
	generations_join(to, cpu);
	lines_store(&self->lazy, 0);
	gen = lines_load(&to->gen);
	self->slot = find_slot(self, to);
	keep = self->slots[self->slot].space == to && self->slots[self->slot].gen == gen;
	self->slots[self->slot].space = to;
	self->slots[self->slot].gen = gen;
	self->loaded = to;
	tlb_load_root(to->salvo.root, self->slot, keep);
}

/* catch_up: with all of the loaded space. */
static void
catch_up(void)
{
	struct holder *self = &holders[clock_cpu];
	uintptr_t gen;

	if (self->loaded == NULL)
		return;
	gen = lines_load(&self->loaded->gen);
	if (self->slots[self->slot].gen == gen)
		return;
	tlb_flush_space();
	self->slots[self->slot].gen = gen;
}

void
generations_lazy(unsigned cpu, bool lazy)
{
	struct holder *self = &holders[cpu];

	lines_store(&self->lazy, lazy);
	if (lazy)
		return;
	lines_fence();
	if (self->loaded == NULL)
		generations_switched(cpu, NULL, cpus[cpu].loaded);
	else
		catch_up();
}

/* ---- Flushes ---- */

/* leave_space: of a lazy CPU that is called. */
static void
leave_space(struct holder *self)
{
	salvo_shared_cpuset_leave(&self->loaded->cpus, clock_cpu);
	self->loaded = NULL;
	tlb_load_root(0, self->slot, true);
}

void
generations_catch_up(void *context)
{
	const struct generations_info *info = context;
	struct holder *self = &holders[clock_cpu];
	uintptr_t gen, mine;

	if (self->loaded == NULL || (info->space != NULL && info->space != self->loaded))
		return;
	if (lines_load(&self->lazy) != 0) {
		leave_space(self);
		return;
	}
	gen = lines_load(&self->loaded->gen);
	mine = self->slots[self->slot].gen;
	if (mine == gen)
		return;
	if (info->end != UINTPTR_MAX && info->gen == mine + 1 && info->gen == gen)
		tlb_flush_range(info->start, info->end, SALVO_ARCH_PAGE_SHIFT);
	else
		tlb_flush_space();
	self->slots[self->slot].gen = gen;
}

/* machine_words: of a set that has room for every CPU of this machine. */
static unsigned
machine_words(void)
{
	return (machine.cpus + SALVO_CPUSET_BITS - 1) / SALVO_CPUSET_BITS;
}

void
generations_cpus(struct salvo_cpuset *set, const struct space *space)
{
	unsigned words = machine_words();

	salvo_cpuset_clear(set);
	salvo_cpuset_grow(set, words);
	for (unsigned i = 0; i < words; i++)
		set->bits[i] = salvo_shared_cpuset_word(&space->cpus, i);
}

void
generations_add_all(struct salvo_cpuset *set)
{
	unsigned words = machine_words();

	salvo_cpuset_grow(set, words);
	for (unsigned i = 0; i < words; i++)
		set->bits[i] = UINTPTR_MAX >> (SALVO_WORD_BITS - SALVO_CPUSET_BITS);
}

void
generations_add(struct salvo_cpuset *into, const struct salvo_cpuset *from)
{
	salvo_cpuset_grow(into, salvo_cpuset_words(from));
	for (unsigned i = 0; i < salvo_cpuset_words(from); i++)
		into->bits[i] |= from->bits[i];
}

uintptr_t
generations_next(struct space *space)
{
	return lines_add(&space->gen, 1) + 1;
}

void
generations_leave_out_lazy(struct salvo_cpuset *set)
{
	for (unsigned c = salvo_cpuset_next(set, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(set, c + 1))
		if (lines_load(&holders[c].lazy) != 0)
			salvo_cpuset_remove(set, c);
}

void
generations_flush(struct space *space, uintptr_t start, uintptr_t end, uintptr_t gen,
	const struct salvo_cpuset *cpus, bool tables, const struct calls_way *way)
{
	struct generations_info *info = &holders[clock_cpu].info;
	struct salvo_cpuset ask = *cpus;
	bool here = salvo_cpuset_has(&ask, clock_cpu);

	salvo_cpuset_remove(&ask, clock_cpu);
	if (!tables)
		generations_leave_out_lazy(&ask);
	lines_touch(info, true);
	*info = (struct generations_info){.space = space, .start = start, .end = end, .gen = gen};
	calls_make(&ask, way, generations_catch_up, info, here ? generations_catch_up : NULL);
}

/* ---- The hooks ---- */

void
generations_begin(struct flush_op *op)
{
	op->pages = 0;
	op->start = op->kind == FLUSH_RECLAIM ? 0 : UINTPTR_MAX;
	op->end = 0;
	salvo_cpuset_clear(&op->cpus);
}

/*
 * generations_cleared: reclaim raises the generation at each entry and collects masks; a page whose
 * space is nowhere else is flushed here at once. Other operations remember the range.
 */
void
generations_cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages)
{
	struct salvo_cpuset set;
	uintptr_t gen;

	op->pages += (unsigned)pages;
	if (op->kind != FLUSH_RECLAIM) {
		op->start = address < op->start ? address : op->start;
		if (address + pages * PAGE_SIZE > op->end)
			op->end = address + pages * PAGE_SIZE;
		return;
	}
	gen = generations_next(space);
	generations_cpus(&set, space);
	if (salvo_cpuset_has(&set, clock_cpu)) {
		struct salvo_cpuset others = set;

		salvo_cpuset_remove(&others, clock_cpu);
		if (salvo_cpuset_empty(&others)) {
			struct generations_info info = {.space = space,
				.start = address,
				.end = address + pages * PAGE_SIZE,
				.gen = gen};
			uintptr_t irqs = cpu_irq_save();

			generations_catch_up(&info);
			cpu_irq_restore(irqs);
			return;
		}
	}
	generations_add(&op->cpus, &set);
}

struct generations_info
generations_info(const struct flush_op *op)
{
	bool whole = op->pages == 0 || op->all ||
		     op->end - op->start > machine.flush.ceiling * PAGE_SIZE;

	return (struct generations_info){.space = op->space,
		.start = whole ? 0 : op->start,
		.end = whole ? UINTPTR_MAX : op->end,
		.gen = generations_next(op->space)};
}

void
generations_finish(struct flush_op *op, const struct calls_way *way)
{
	if (op->kind == FLUSH_RECLAIM) {
		if (!salvo_cpuset_empty(&op->cpus))
			generations_flush(NULL, 0, UINTPTR_MAX, 0, &op->cpus, false, way);
	} else if (op->pages != 0 || op->tables || op->all) {
		struct generations_info info = generations_info(op);

		generations_cpus(&op->cpus, op->space);
		generations_flush(op->space, info.start, info.end, info.gen, &op->cpus,
			op->tables || op->all, way);
	}
	generations_begin(op);
}
