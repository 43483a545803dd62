// SPDX-License-Identifier: MIT
/*
 * simulated.c: the simulated kernel around a policy of hosts/simulator, as far as policies look:
 * CPUs and their tasks, spaces, frames, locks. What stepwise.c, space.c, task.c and memory.c do
 * there is done here in the same order.
 */
#include "../host.h"
#include "../program.h"
#include "../tlb.h"
#include "simulated.h"

/* The simulator has structures of these names too. */
#define cpu   simulated_cpu
#define frame simulated_frame
#include "simulator.h"
#undef tlb_load_root

#include "../../simulator/calls.h"
#include "../../simulator/cpu.h"
#include "../../simulator/frames.h"
#include "../../simulator/machine.h"
#include "../../simulator/policies/policy.h"
#include "../../simulator/space.h"
#include "../../simulator/tlb.h"

enum { SPACES = 2, ARENA = 6144 };

FIXED const struct policy *policy;
FIXED struct machine machine;
FIXED struct cpu *cpus;
FIXED struct node *nodes; /* one, which is never short of memory */
FIXED struct machine_place machine_places[CPUS_MAX];
FIXED static struct flush_op *ops; /* of each CPU: policies hand them to other CPUs */
SIMULATED static size_t allocated;
SIMULATED static _Alignas(16) unsigned char arena[ARENA];
SIMULATED static struct space its_spaces[SPACES];
SIMULATED static struct frame its_frames[FRAMES_MAX];
SIMULATED static struct lock its_lock; /* of all tables */

/* Broadcast flushes that a CPU has issued, and that are on their way; a bit a CPU. */
SIMULATED static struct {
	uintptr_t start, end;
	uintptr_t cpus;
} issued[CPUS_MAX][SPACES];

void
simulated_begin(void)
{
	policy = NULL;
}

bool
simulated_is_used(void)
{
	return policy != NULL;
}

/* ---- Lines ---- */

void *
simulated_allocate(size_t bytes)
{
	void *memory = arena + allocated;

	allocated += (bytes + 15) & ~(size_t)15;
	if (allocated > ARENA) {
		fail(0, "the policy has no room for %zu bytes more", bytes);
		cpu_leave();
	}
	return memory;
}

/* simulated_touch: who has used a page is noted there by hardware. */
void
simulated_touch(const void *object, const char *file, int line)
{
	const struct frame *frame = object;

	explored_fence(file, line);
	cpu_step(OP_HOST, "touch", 1, file, line);
	if (frame < its_frames || frame >= its_frames + FRAMES_MAX)
		return;
	its_frames[frame - its_frames].user_count = 0;
	for (unsigned c = 0; c < CPUS_MAX; c++)
		if ((frames[frame - its_frames].users >> c & 1) != 0)
			its_frames[frame - its_frames]
				.users[its_frames[frame - its_frames].user_count++] = (uint16_t)c;
}

void
lock_take(struct lock *lock, enum lock_kind kind)
{
	(void)kind;
	while (salvo_atomic_exchange(&lock->held, 1) != 0)
		salvo_port_relax();
}

void
lock_drop(struct lock *lock)
{
	salvo_atomic_store_release(&lock->held, 0);
}

/* ---- CPUs ---- */

enum where
cpu_enter(enum where where)
{
	return where;
}

void
cpu_look(void)
{
}

/* cpu_run: time passes: what the CPU has issued is done. */
void
cpu_run(uint64_t time)
{
	(void)time;
	cpu_step(OP_FLUSH, "what was issued", 1, __FILE__, __LINE__);
	for (unsigned i = 0; i < CPUS_MAX * SPACES; i++) {
		unsigned space = i % SPACES;

		if ((issued[running][space].cpus >> i / SPACES & 1) != 0)
			tlb_forget_at(i / SPACES, spaces[space].root, issued[running][space].start,
				issued[running][space].end);
	}
	for (unsigned s = 0; s < SPACES; s++)
		issued[running][s].cpus = issued[running][s].start = issued[running][s].end = 0;
}

uintptr_t
cpu_irq_save(void)
{
	return salvo_port_irq_save();
}

void
cpu_irq_restore(uintptr_t state)
{
	salvo_port_irq_restore(state);
}

void
cpu_send(const struct salvo_cpuset *set)
{
	if (!salvo_cpuset_empty(set))
		salvo_port_interrupt(set);
}

/* ---- Flushes ---- */

static unsigned
number_of(const struct space *space)
{
	return (unsigned)(space - its_spaces);
}

/* here: an address of the simulator's, in the explorer's tables. */
static uintptr_t
here(uintptr_t address)
{
	return address == UINTPTR_MAX ? address : PAGE(address / PAGE_SIZE);
}

/* simulated_load_root: no root is the kernel's. Slots are numbered from 1 there, and here there is
 * the kernel's beside one of user memory, or there are two of that. */
void
simulated_load_root(salvo_root root, unsigned slot, bool keep)
{
	if (root == 0)
		tlb_load_root(salvo_kernel_space()->root, 1, false);
	else if (slot == 0 || slot > SALVO_MAX_SLOTS)
		fail(0, "CPU %u loads a root in slot %u", running, slot);
	else
		tlb_load_root(root, slot - 1, keep);
}

void
simulated_flush_range(uintptr_t start, uintptr_t end)
{
	tlb_flush(here(start), here(end), SALVO_ARCH_PAGE_SHIFT, true, "range");
}

void
simulated_flush_space(void)
{
	tlb_flush(0, UINTPTR_MAX, SALVO_ARCH_PAGE_SHIFT, true, "space");
}

/* tlb_flush_page: what the CPU keeps of a space that is not loaded stays: it may as well. */
void
tlb_flush_page(const struct space *space, uintptr_t address)
{
	if (tlbs[running].root == space->salvo.root)
		simulated_flush_range(address, address + PAGE_SIZE);
}

/* tlb_flush_remote: at once, or when the CPU waits for it. */
void
tlb_flush_remote(unsigned cpu, const struct space *space, uintptr_t start, uintptr_t end)
{
	const unsigned number = number_of(space);

	if (cpu_step(OP_CHOICE, "a broadcast flush: is done, is on its way", 2, __FILE__,
		    __LINE__) == 0) {
		tlb_forget_at(cpu, space->salvo.root, here(start), here(end));
		return;
	}
	if (issued[running][number].cpus == 0 || here(start) < issued[running][number].start)
		issued[running][number].start = here(start);
	if (here(end) > issued[running][number].end)
		issued[running][number].end = here(end);
	issued[running][number].cpus |= (uintptr_t)1 << cpu;
}

/* ---- Frames ---- */

struct frame *
frame_of(uintptr_t number)
{
	return &its_frames[number];
}

void
frame_list_add(struct frame_list *list, struct frame *frame)
{
	frame->next = list->first;
	list->first = (uint32_t)(frame - its_frames);
	list->count++;
}

/* frame_list_remove: the newest, as all policies do. */
void
frame_list_remove(struct frame_list *list, struct frame *frame)
{
	require(list->first == (uint32_t)(frame - its_frames), "the newest leaves a list first");
	list->first = frame->next;
	frame->next = 0;
	list->count--;
}

void
frame_give(struct frame *frame)
{
	free_page((uintptr_t)(frame - its_frames));
}

/* ---- Set-up ---- */

static void
name_words(void)
{
	static const char *const names[SPACES][2] = {
		{"space0.gen", "space0.cpus"}, {"space1.gen", "space1.cpus"}};

	for (unsigned s = 0; s < SPACES; s++) {
		name_word(&its_spaces[s].gen, names[s][0]);
		name_word(&its_spaces[s].cpus.bits[0], names[s][1]);
	}
	name_word(&its_lock.held, "the lock");
	for (unsigned c = 0; c < machine.cpus; c++) {
		generations_name_words(c);
		for (unsigned other = 0; other < machine.cpus; other++)
			calls_name_words(c, other);
	}
}

void
follow(const struct policy *followed)
{
	static const struct calls_way way = {.early = false};
	static const struct salvo_cpuset nobody;

	policy = followed;
	machine.cpus = cpus_there();
	cpus = simulated_allocate(sizeof(*cpus) * machine.cpus);
	nodes = simulated_allocate(sizeof(*nodes));
	ops = simulated_allocate(sizeof(*ops) * machine.cpus);
	for (unsigned s = 0; s < SPACES; s++) {
		its_spaces[s].salvo.root = spaces[s].root;
		its_spaces[s].number = s + 1;
	}
	policy->reset();
	for (running = 0; running < machine.cpus; running++)
		calls_make(&nobody, &way, NULL, NULL, NULL); /* it allocates */
	running = 0;
	name_words();
}

void
begin_task(unsigned cpu, unsigned space)
{
	need_cpu("begin_task", cpu);
	running = cpu;
	run_task(space);
}

void
note_users(void)
{
	track_users = true;
}

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
	policy->cleared(op, space, page * PAGE_SIZE, 1, salvo_arch_pte_dirty(pte));
}

void
take_away(unsigned space, unsigned from, unsigned to, bool tables)
{
	struct flush_op *op = begin_op(FLUSH_UNMAP, space, from, to);
	struct gone gone = {.count = 0};
	uintptr_t table = 0;

	begin_call("take_away");
	op->tables = tables;
	policy->begin(op);
	lock_take(&its_lock, LOCK_TABLE);
	for (unsigned p = from; p < to; p++)
		clear(op, op->space, p, &gone);
	if (tables)
		table = lines_exchange(table_of(space, from), 0);
	lock_drop(&its_lock);
	policy->finish(op);
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
	policy->begin(op);
	lock_take(&its_lock, LOCK_TABLE);
	for (unsigned p = from; p < to; p++) {
		salvo_pte pte = salvo_atomic_and(entry(space, p), ~(uintptr_t)PTE_WRITE);

		op->frame = salvo_arch_pte_frame(pte, 1);
		if (salvo_arch_pte_present(pte) && salvo_arch_pte_writable(pte))
			policy->cleared(op, op->space, p * PAGE_SIZE, 1, salvo_arch_pte_dirty(pte));
	}
	lock_drop(&its_lock);
	policy->finish(op);
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
	number = (uintptr_t)(frame - its_frames);
	trace_note(" frame %u again", (unsigned)number);
	lock_take(&its_lock, LOCK_TABLE);
	lines_store(entry(space, page), number << SALVO_ARCH_PAGE_SHIFT | PTE_PRESENT | PTE_WRITE);
	lock_drop(&its_lock);
	tlb_promise(space, page, false, false);
}
