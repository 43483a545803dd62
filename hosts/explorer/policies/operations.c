// SPDX-License-Identifier: MIT
/*
 * operations.c: the simulated kernel that calls a policy: what space.c, task.c, stepwise.c and
 * memory.c of hosts/simulator do is done here in the same order.
 */
#include "inside.h"

#include "../../simulator/beside.h"

/* ---- Handlers ---- */

void
take_calls(void)
{
	policy->interrupted();
}

void
take_calls_keeping_off(void)
{
	const bool allowed = salvo_cpus[running].user_access.value != 0;

	user_access(false);
	policy->interrupted();
	user_access(allowed);
}

void
take_calls_at_tick(void)
{
	policy->interrupted();
	policy->tick(running);
}

/* ---- Tasks: space_enter, space_borrow and task_sleep ---- */

void
run_task(unsigned space)
{
	struct cpu *self = &cpus[running];
	struct space *to = &its_spaces[space];
	struct space *from = self->loaded;
	uintptr_t irqs = cpu_irq_save();

	begin_call("run_task");
	need_space("run_task", space);
	user_access(false);
	self->task = (struct task *)(void *)to;
	if (from != to) {
		self->loaded = to;
		policy->switched(running, from, to);
	} else if (self->lazy) {
		policy->lazy(running, false);
	}
	self->lazy = false;
	user_access(true);
	cpu_irq_restore(irqs);
}

void
idle(void)
{
	struct cpu *self = &cpus[running];
	uintptr_t irqs = cpu_irq_save();

	begin_call("idle");
	user_access(false);
	if (!self->lazy) {
		self->lazy = true;
		policy->lazy(running, true);
	}
	cpu_irq_restore(irqs);
	self->task = NULL;
}

void
take_tick(void)
{
	uintptr_t irqs;

	begin_call("take_tick");
	cpu_step(OP_HOST, "tick", 1, __FILE__, __LINE__);
	irqs = cpu_irq_save();
	policy->tick(running);
	cpu_irq_restore(irqs);
}

/* ---- Operations: stepwise.c ---- */

/* begin_op: the running CPU's. Of reclaim it is of no space. */
static struct flush_op *
begin_op(enum flush_kind kind, unsigned space, unsigned from, unsigned to)
{
	need_pages("an operation", space, from, to);
	ops[running] = (struct flush_op){.kind = kind,
		.space = kind == FLUSH_RECLAIM ? NULL : &its_spaces[space],
		.start = from * PAGE_SIZE,
		.end = to * PAGE_SIZE};
	return &ops[running];
}

struct gone {
	unsigned count;
	uintptr_t frames[PAGES];
};

/* clear: => the lock of tables is held */
static void
clear(struct flush_op *op, struct space *space, unsigned page, struct gone *gone)
{
	struct salvo_word *word = entry(number_of(space), page);
	salvo_pte pte;

	if (!salvo_arch_pte_present(lines_load(word)))
		return;
	pte = lines_exchange(word, 0);
	op->frame = salvo_arch_pte_frame(pte, 1);
	gone->frames[gone->count++] = op->frame;
	frame_of(op->frame)->space = space;
	policy->cleared(op, space, page * PAGE_SIZE, 1);
}

void
take_away(unsigned space, unsigned from, unsigned to, bool tables)
{
	struct flush_op *op = begin_op(FLUSH_UNMAP, space, from, to);
	struct gone gone = {.count = 0};
	uintptr_t table = 0;

	begin_call("take_away");
	op->tables = tables;
	beside_begin(op);
	lock_take(&its_lock, LOCK_TABLE);
	for (unsigned p = from; p < to; p++)
		clear(op, op->space, p, &gone);
	if (tables)
		table = lines_exchange(table_of(space, from), 0);
	lock_drop(&its_lock);
	beside_finish(op);
	for (unsigned i = 0; i < gone.count; i++)
		if (policy->hold == NULL || !policy->hold(frame_of(gone.frames[i])))
			frame_give(frame_of(gone.frames[i]));
	if (tables)
		free_table(salvo_arch_pte_frame(table, 2));
}

void
take_right(unsigned space, unsigned from, unsigned to)
{
	struct flush_op *op = begin_op(FLUSH_PROTECT, space, from, to);

	begin_call("take_right");
	beside_begin(op);
	lock_take(&its_lock, LOCK_TABLE);
	for (unsigned p = from; p < to; p++) {
		salvo_pte pte = salvo_atomic_and(entry(space, p), ~(uintptr_t)PTE_WRITE);

		op->frame = salvo_arch_pte_frame(pte, 1);
		if (salvo_arch_pte_present(pte) && salvo_arch_pte_writable(pte))
			policy->cleared(op, op->space, p * PAGE_SIZE, 1);
	}
	lock_drop(&its_lock);
	beside_finish(op);
}

void
take_back(unsigned space, unsigned page)
{
	struct flush_op *op = begin_op(FLUSH_RECLAIM, space, page, page + 1);
	struct gone gone = {.count = 0};

	begin_call("take_back");
	policy->begin(op);
	lock_take(&its_lock, LOCK_TABLE);
	clear(op, &its_spaces[space], page, &gone);
	lock_drop(&its_lock);
	policy->finish(op);
	if (gone.count == 0)
		return;
	frame_of(gone.frames[0])->file = NO_FILE + 1;
	if (policy->hold == NULL || !policy->hold(frame_of(gone.frames[0])))
		frame_give(frame_of(gone.frames[0]));
}

/* ---- Faults: memory.c ---- */

void
fault_in(unsigned space, unsigned page)
{
	struct frame *frame;
	uintptr_t number;

	begin_call("fault_in");
	need_page("fault_in", space, page);
	frame = policy->recycle != NULL ? policy->recycle(&its_spaces[space]) : NULL;
	if (frame == NULL) {
		map(space, page, PTE_WRITE);
		return;
	}
	number = frame_number(frame);
	trace_note(" frame %u again", (unsigned)number);
	lock_take(&its_lock, LOCK_TABLE);
	lines_store(entry(space, page), number << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | PTE_WRITE);
	lock_drop(&its_lock);
	tlb_promise(space, page, false, false);
}
