// SPDX-License-Identifier: MIT
/*
 * walker.c: software that walks page tables without a lock, beside whoever frees them.
 *
 * A walker (GUP-fast, say: the page behind an address, found without waiting for anybody) keeps
 * interrupts off from the root to its last look, or runs in an NMI. So it answers nobody meanwhile,
 * and an answer given after a table was unlinked says that no walk from before goes on.
 *
 *   1. walk: mark this CPU with the space, unless it has it loaded    salvo_walk_begin
 *   2. walk; let the earlier mark stand again                         salvo_walk_end
 *   3. free: unlink the table, flush as for a freed one
 *   4. ask the CPUs that are marked with the space; wait; free        salvo_walk_sync
 *
 * Must never let a table be freed that a walk may still read (invariant 3).
 *
 * A CPU that has the space loaded, lazy or not, needs no mark: a flush that frees tables asks it,
 * or finds it current, so flushed after the unlink, which no walk of its own outlasts. So its walks
 * cost a comparison, and step 4 interrupts no CPU that step 3 has. A host that frees tables after a
 * grace period which walkers hold up needs none of this.
 *
 * E) a CPU walks a space that it has not loaded while a table of it is freed
 *         walker                             who frees
 *         a: walking = space, full fence     entry = 0
 *         b: read the entry                  c: flush: full fence
 *            read the table                  d: read walking
 *         e: walking = as before, release       ask and wait, if it is the space
 *                                            free the table
 *    Forbidden: b finds the table and d does not find the walk. d finds the mark of e only after
 *    the walk: e is a release that d acquires.
 *
 * A walk may come inside another, from an NMI. Its mark must not hide the one that it found: where
 * that is of another space the mark says "any" until the inner walk ends.
 */
#include "internal.h"

/* Two walks of different spaces, one inside the other. No space lies at this address. */
#define WALKS_ANY 1u

/*
 * has_loaded: the flush of a freed table asks this CPU. Right in an NMI too, that came in the
 * middle of a load: the CPU is in the set of the space from before the identity is here until after
 * it is another's. One that was renewed meanwhile is not recognised, and the walk marks itself.
 */
static bool
has_loaded(const struct salvo_cpu *self, const struct salvo_space *space)
{
	return salvo_atomic_load(&self->loaded_id) == salvo_atomic_load(&space->id);
}

uintptr_t
salvo_walk_begin(const struct salvo_space *space)
{
	struct salvo_cpu *self = salvo_this_cpu();
	uintptr_t before = salvo_atomic_load(&self->walking);

	if (has_loaded(self, space))
		return before;
	salvo_atomic_store(&self->walking,
		before == 0 || before == (uintptr_t)space ? (uintptr_t)space : WALKS_ANY);
	salvo_atomic_fence(); /* E: pairs with the fence in salvo_ask_and_flush */
	return before;
}

void
salvo_walk_end(uintptr_t before)
{
	struct salvo_cpu *self = salvo_this_cpu();

	/* E: pairs with the acquire in walks. */
	salvo_atomic_store_release(&self->walking, before);
}

/* walks: the CPU is in a walk of the space that it has marked. */
static bool
walks(const struct salvo_cpu *cpu, const struct salvo_space *space)
{
	uintptr_t walking = salvo_atomic_load_acquire(&cpu->walking); /* E: pairs with _walk_end */

	return walking == (uintptr_t)space || walking == WALKS_ANY;
}

/*
 * salvo_walk_sync: step 4. A CPU that is not online yet joins the kernel's set, with a full fence,
 * before it walks, so it finds the table unlinked (A).
 */
void
salvo_walk_sync(const struct salvo_space *space)
{
	struct salvo_cpuset walkers;

	salvo_cpuset_clear(&walkers);
	salvo_shared_cpuset_copy(&walkers, &salvo_kernel_space()->cpus);
	for (unsigned c = salvo_cpuset_next(&walkers, 0); c < SALVO_MAX_CPUS;
		c = salvo_cpuset_next(&walkers, c + 1))
		if (!walks(salvo_port_cpu(c), space))
			salvo_cpuset_remove(&walkers, c);
	salvo_complete_all(NULL, 0, &walkers);
}
