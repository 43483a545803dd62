// SPDX-License-Identifier: MIT
/*
 * space.c: spaces, and how a CPU comes to hold one and lets go of it.
 *
 * A CPU is in a space's set from before it loads the root until after it has loaded another: an
 * initiator that does not find it there may free what it unmapped. What the TLB keeps of a space
 * that is not loaded (under a slot of its own) is caught up with at the next load, by generation.
 *
 *   load:     stop being lazy; join the set; full fence; read gen; load the root (keeping the
 *             slot's entries only if they are current); publish what is loaded; leave the old set
 *   lazy:     enter: say so. leave: say so; full fence; catch up; then touch user memory
 *   destroy:  mark it dying; ask everybody in the set, lazy CPUs too; they load the kernel's root
 *             before they answer; wait until the set is empty
 *   offline:  load the kernel's root; leave the kernel's set; serve; hand over flushes that
 *             nobody waits for; stop
 *   online:   serve; join the kernel's set; full fence; read gen; flush everything; publish gen
 *
 * The full fences pair with that of salvo_ask_and_flush: see A) in shootdown.c.
 */
#include "internal.h"

static void
init_space(struct salvo_space *space, salvo_root root, uintptr_t id)
{
	salvo_atomic_store(&space->gen, 0);
	salvo_atomic_store(&space->done, 0);
	salvo_atomic_store(&space->pending, 0);
	salvo_atomic_store(&space->begun, 0);
	salvo_atomic_store(&space->quiet, 0);
	salvo_atomic_store(&space->loose, 0);
	salvo_atomic_store(&space->dying, 0);
	space->root = root;
	for (unsigned i = 0; i < SALVO_RING; i++)
		salvo_atomic_store(&space->ring[i].tag, 0);
	for (unsigned i = 0; i < SALVO_NOTES; i++)
		salvo_atomic_store(&space->flushed[i], 0);
	salvo_shared_cpuset_init(&space->cpus);
	salvo_atomic_store(&space->id, id);
}

void
salvo_space_init(struct salvo_space *space, salvo_root root)
{
	init_space(space, root, salvo_new_identity(salvo_port_machine()));
}

void
salvo_machine_init(struct salvo_machine *machine, salvo_root kernel_root, unsigned flush_ceiling,
	uint64_t stall_ns)
{
	salvo_atomic_store(&machine->next_id, 0);
	machine->flush_ceiling = flush_ceiling;
	machine->stall_ns = stall_ns;
	init_space(&machine->kernel, kernel_root, salvo_new_identity(machine));
}

void
salvo_cpu_init(struct salvo_cpu *cpu, unsigned slots)
{
	SALVO_EXPECT(slots >= 1 && slots <= SALVO_MAX_SLOTS);
	*cpu = (struct salvo_cpu){.slots = slots};
}

/* ---- Slots ---- */

/*
 * find_slot: the slot that remembers the space, or the next to be given up. An untagged TLB has one
 * slot, and every load flushes it.
 */
static unsigned
find_slot(struct salvo_cpu *self, uintptr_t id)
{
	unsigned victim;

	for (unsigned i = 0; i < self->slots; i++)
		if (self->memory[i].id == id)
			return i;
	victim = self->next_victim;
	if (victim == self->slot)
		victim = (victim + 1) % self->slots;
	self->next_victim = (victim + 1) % self->slots;
	return victim;
}

/* may_keep: the slot's entries are all of this space, and current. */
static bool
may_keep(const struct salvo_cpu *self, unsigned slot, uintptr_t id, uintptr_t gen)
{
	return self->slots > 1 && self->memory[slot].id == id && self->memory[slot].seen == gen;
}

/* salvo_cpu_set_loaded: publish identity and `seen` as one. A version that is odd, or another than
 * before, tells a reader that it may have read halves. => interrupts off */
void
salvo_cpu_set_loaded(struct salvo_cpu *self, uintptr_t id, uintptr_t seen)
{
	uintptr_t version = salvo_atomic_load(&self->version);

	salvo_atomic_store(&self->version, version + 1);
	salvo_atomic_fence_release(); /* pairs with the acquire loads in is_current */
	salvo_atomic_store(&self->loaded_id, id);
	salvo_atomic_store_release(&self->loaded_seen, seen);
	salvo_atomic_store_release(&self->version, version + 2);
}

/* ---- Load and unload ---- */

/*
 * load_root: run on `next`, remembering how far the old space was flushed.
 * => `next` has this CPU in its set, and `id` and `gen` were read after it joined
 */
static void
load_root(struct salvo_cpu *self, struct salvo_space *next, uintptr_t id, uintptr_t gen)
{
	unsigned slot = find_slot(self, id);
	bool keep = may_keep(self, slot, id, gen);

	self->memory[self->slot] = (struct salvo_slot){
		.id = salvo_atomic_load(&self->loaded_id),
		.seen = salvo_atomic_load(&self->loaded_seen),
	};
	salvo_arch_load_root(next->root, slot, keep);
	self->memory[slot].id = id;
	self->slot = slot;
	self->loaded = next;
	salvo_cpu_set_loaded(self, id, gen);
	salvo_port_trace(SALVO_EVENT_LOAD, id, keep);
}

/*
 * salvo_space_load: the kernel's space needs no joining: every CPU online is in its set, and its
 * tables have no user entries.
 */
void
salvo_space_load(struct salvo_space *next)
{
	unsigned me = salvo_port_this_cpu();
	struct salvo_cpu *self = salvo_port_cpu(me);
	struct salvo_space *kernel = salvo_kernel_space();
	struct salvo_space *prev = self->loaded;
	uintptr_t id, gen;

	SALVO_EXPECT(salvo_port_irqs_off());
	SALVO_EXPECT(salvo_atomic_load(&next->dying) == 0);
	if (next == prev) {
		salvo_lazy_leave();
		return;
	}
	salvo_atomic_store(&self->user_access, 0);
	salvo_atomic_store(&self->lazy, 0); /* before joining: an initiator that finds us in the set
					       must not find us lazy because of `prev` (A) */
	if (next != kernel)
		salvo_shared_cpuset_join(&next->cpus, me);
	salvo_atomic_fence(); /* A: pairs with the fence in salvo_ask_and_flush */
	id = salvo_atomic_load_acquire(&next->id);
	gen = salvo_atomic_load_acquire(&next->gen);
	load_root(self, next, id, gen);
	if (prev != kernel)
		salvo_shared_cpuset_leave(&prev->cpus, me);
	salvo_atomic_store(&self->user_access, next != kernel);
}

/*
 * salvo_cpu_unload_dying: a dying space is held by lazy CPUs alone; when asked they let go of it
 * before they answer, so that its tables can be freed (invariant 3).
 * => interrupts off
 */
void
salvo_cpu_unload_dying(struct salvo_cpu *self)
{
	if (salvo_atomic_load_acquire(&self->loaded->dying) == 0)
		return;
	SALVO_EXPECT(salvo_atomic_load(&self->lazy) != 0);
	salvo_space_load(salvo_kernel_space());
}

void
salvo_space_destroy(struct salvo_space *space)
{
	uintptr_t irqs = salvo_port_irq_save();
	struct salvo_cpu *self = salvo_this_cpu();

	salvo_atomic_store_release(&space->dying, 1);
	if (self->loaded == space)
		salvo_cpu_unload_dying(self);
	salvo_port_irq_restore(irqs);
	salvo_flush_space(space, true);
	salvo_wait_unloaded(space);
}

/* ---- Lazy mode ---- */

void
salvo_lazy_enter(void)
{
	struct salvo_cpu *self = salvo_this_cpu();

	SALVO_EXPECT(salvo_port_irqs_off());
	salvo_atomic_store(&self->user_access, 0);
	/* Release: user accesses made so far are complete before an initiator may pass us over. */
	salvo_atomic_store_release(&self->lazy, 1);
}

void
salvo_lazy_leave(void)
{
	struct salvo_cpu *self = salvo_this_cpu();

	SALVO_EXPECT(salvo_port_irqs_off());
	if (salvo_atomic_load(&self->lazy) == 0)
		return;
	salvo_atomic_store(&self->lazy, 0);
	salvo_atomic_fence(); /* A: pairs with the fence in salvo_ask_and_flush */
	if (self->loaded == salvo_kernel_space())
		return;
	SALVO_EXPECT(salvo_atomic_load(&self->loaded->dying) == 0);
	salvo_catch_up(self, self->loaded);
	salvo_atomic_store(&self->user_access, 1);
}

bool
salvo_user_access_ok(void)
{
	return salvo_atomic_load(&salvo_this_cpu()->user_access) != 0;
}

/* ---- CPUs come and go ---- */

void
salvo_cpu_online(void)
{
	unsigned me = salvo_port_this_cpu();
	struct salvo_cpu *self = salvo_port_cpu(me);
	struct salvo_space *kernel = salvo_kernel_space();
	uintptr_t gen;

	SALVO_EXPECT(salvo_port_irqs_off());
	for (unsigned i = 0; i < SALVO_MAX_SLOTS; i++)
		self->memory[i] = (struct salvo_slot){.id = 0};
	self->slot = 0;
	self->loaded = kernel;
	salvo_atomic_store(&self->lazy, 0);
	salvo_arch_load_root(kernel->root, 0, false);
	self->holds_back = true;
	salvo_serve_requests(self); /* tickets nobody waits for any more would swallow interrupts */
	salvo_shared_cpuset_join(&kernel->cpus, me);
	salvo_atomic_fence(); /* A: pairs with the fence in salvo_ask_and_flush */
	gen = salvo_atomic_load_acquire(&kernel->gen);
	salvo_arch_flush_everything();
	salvo_cpu_set_loaded(self, salvo_atomic_load(&kernel->id), 0);
	salvo_atomic_store_release(&self->kernel_seen, gen); /* after the flush, as ever */
	self->holds_back = false;
	salvo_carry_on(self);
}

void
salvo_cpu_offline(void)
{
	unsigned me = salvo_port_this_cpu();
	struct salvo_cpu *self = salvo_port_cpu(me);

	SALVO_EXPECT(salvo_port_irqs_off());
	salvo_space_load(salvo_kernel_space());
	salvo_shared_cpuset_leave(&salvo_kernel_space()->cpus, me);
	self->holds_back = true;
	salvo_serve_requests(self);
	salvo_hand_over(self);
}
