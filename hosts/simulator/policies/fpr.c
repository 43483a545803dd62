// SPDX-License-Identifier: MIT
/*
 * fpr.c: "Fast Page Recycling" (arXiv 2409.10946), built from its abstract alone: pages that a space
 * unmaps stay with it, and are mapped by it again, without a flush; the flush comes when they leave
 * it, for all of them at once. Reclaim, protects and freed tables are flushed as Linux does.
 */
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "../frames.h"
#include "../generations.h"
#include "../lines.h"
#include "../machine.h"
#include "../space.h"

#ifndef FPR_SPACES
#define FPR_SPACES (1 << 13)
#define FPR_KEPT   1024 /* pages that a space keeps; assumed */
#endif

/* What a space keeps. */
struct pool {
	SALVO_CACHE_ALIGNED struct lock lock;
	struct frame_list frames;
};

static const struct calls_way way = {.early = false};
static struct pool *pools;

static void
reset(void)
{
	generations_reset();
	pools = lines_allocate(sizeof(*pools) * FPR_SPACES, LINES_NODE);
}

static struct pool *
pool_of(const struct space *space)
{
	return &pools[space->number % FPR_SPACES];
}

/*
 * finish: of an unmap that frees no tables this CPU alone flushes, as its pages stay with the space.
 * => they are the space's own: no workload unmaps pages of a file, reclaim alone does
 */
static void
finish(struct flush_op *op)
{
	if (op->kind != FLUSH_UNMAP || op->tables) {
		generations_finish(op, &way);
		return;
	}
	if (op->end - op->start > machine.flush.ceiling * PAGE_SIZE)
		tlb_flush_space();
	else if (op->pages != 0)
		tlb_flush_range(op->start, op->end, SALVO_ARCH_PAGE_SHIFT);
	generations_begin(op);
}

/* drain: what the space keeps leaves it, after one flush. */
static void
drain(struct space *space, struct frame_list *frames)
{
	struct salvo_cpuset loaded;
	uintptr_t gen = generations_next(space);

	generations_cpus(&loaded, space);
	generations_flush(space, 0, UINTPTR_MAX, gen, &loaded, false, &way);
	while (frames->first != 0) {
		struct frame *frame = frame_of(frames->first);

		frame_list_remove(frames, frame);
		frame_give(frame);
	}
}

static bool
hold(struct frame *frame)
{
	struct pool *pool;
	struct frame_list full = {0};

	if (frame->file != NO_FILE)
		return false;
	pool = pool_of(frame->space);
	lock_take(&pool->lock, LOCK_ZONE);
	frame_list_add(&pool->frames, frame);
	if (pool->frames.count > FPR_KEPT) {
		full = pool->frames;
		pool->frames = (struct frame_list){0};
	}
	lock_drop(&pool->lock);
	if (full.count != 0)
		drain(frame->space, &full);
	return true;
}

static struct frame *
recycle(struct space *space)
{
	struct pool *pool = pool_of(space);
	struct frame *frame = NULL;

	if (pool->frames.count == 0)
		return NULL;
	lock_take(&pool->lock, LOCK_ZONE);
	if (pool->frames.first != 0) {
		frame = frame_of(pool->frames.first);
		frame_list_remove(&pool->frames, frame);
	}
	lock_drop(&pool->lock);
	return frame;
}

const struct policy policy_fpr = {
	.name = "fpr",
	.source = "arXiv 2409.10946 (abstract alone): no flush while pages stay with their space",
	.explorer = "fpr_*: safe, as far as linux-4.3 is; but fpr_still_used, fpr_mapped_again",
	.begin = generations_begin,
	.cleared = generations_cleared,
	.finish = finish,
	.hold = hold,
	.recycle = recycle,
	.switched = generations_switched,
	.lazy = generations_lazy,
	.interrupted = calls_interrupted,
	.reset = reset,
};
