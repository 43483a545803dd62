// SPDX-License-Identifier: MIT
/*
 * linux_4_2.c: Linux 4.2 and 4.3 on x86, before and after Gorman's patch (torvalds/linux 72b252aed506), after
 * their source (mm/rmap.c, arch/x86/mm/tlb.c): what ./dev tables takes for his tables. Interrupts go
 * to every CPU of the mask, lazy ones too, which then leave it; nobody is spared one because it has
 * flushed since. Whoever is called, or comes back, goes by generations, which neither had: it flushes
 * nothing if it has since, and everything where two requests have met.
 */
#include "../generations.h"
#include "../space.h"

static const struct calls_way way = {.in_turn = true};

/* cleared_alone: 4.2 flushes each page of reclaim under the page table's lock. */
static void
cleared_alone(struct flush_op *op, struct space *space, uintptr_t address, size_t pages)
{
	struct salvo_cpuset set;
	uintptr_t gen;

	if (op->kind != FLUSH_RECLAIM) {
		generations_cleared(op, space, address, pages);
		return;
	}
	gen = generations_next(space);
	generations_cpus(&set, space);
	generations_flush(space, address, address + pages * PAGE_SIZE, gen, &set, true, &way);
}

static void
finish_alone(struct flush_op *op)
{
	if (op->kind != FLUSH_RECLAIM)
		generations_finish(op, &way);
}

/* finish_batch: 4.3 flushes all that CPUs have, once for a batch of reclaim. */
static void
finish_batch(struct flush_op *op)
{
	if (op->kind == FLUSH_RECLAIM && !salvo_cpuset_empty(&op->cpus)) {
		generations_flush(NULL, 0, UINTPTR_MAX, 0, &op->cpus, true, &way);
		salvo_cpuset_clear(&op->cpus);
	}
	generations_finish(op, &way);
}

#define OF_LINUX                                                                                   \
	.begin = generations_begin, .switched = generations_switched, .lazy = generations_lazy,    \
	.interrupted = calls_interrupted, .reset = generations_reset

const struct policy policy_linux_4_2 = {
	.name = "linux-4.2",
	.source = "Linux 4.2 on x86: reclaim flushes each page",
	.explorer = "linux_4_2_*: safe; but linux_4_2_unmap_beside_unmap, linux_table_beside_away",
	.cleared = cleared_alone,
	.finish = finish_alone,
	OF_LINUX,
};

const struct policy policy_linux_4_3 = {
	.name = "linux-4.3",
	.source = "Linux 4.3 on x86: Gorman 2015 as it was merged",
	.explorer = "linux_4_3_*: safe, as far as linux-4.2 is; but linux_4_3_unmap_beside_reclaim",
	.cleared = generations_cleared,
	.finish = finish_batch,
	OF_LINUX,
};
