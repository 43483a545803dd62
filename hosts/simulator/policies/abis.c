// SPDX-License-Identifier: MIT
/*
 * abis.c: Amit, "Optimizing the TLB Shootdown Algorithm with Page Access Tracking" (ATC 2017), built from
 * its abstract alone: only CPUs are called that have used the page. Tracking is taken for exact; its
 * cost is a look at the page's struct when the entry is cleared, and none when a page is first used.
 */
#include "../frames.h"
#include "../generations.h"
#include "../lines.h"
#include "../space.h"

static const struct calls_way way = {.early = false};

static void
begin(struct flush_op *op)
{
	generations_begin(op);
	salvo_cpuset_clear(&op->cpus);
}

/* add_users: CPUs that have used the page; all that have the space loaded if there are too many. */
static void
add_users(struct salvo_cpuset *cpus, const struct space *space, const struct frame *frame)
{
	struct salvo_cpuset loaded;

	generations_cpus(&loaded, space);
	if (frame != NULL)
		lines_touch(frame, false);
	if (frame == NULL || frame->user_count > FRAME_USERS) {
		for (unsigned i = 0; i < SALVO_CPUSET_WORDS; i++)
			cpus->bits[i] |= loaded.bits[i];
		return;
	}
	for (unsigned i = 0; i < frame->user_count; i++)
		if (salvo_cpuset_has(&loaded, frame->users[i]))
			salvo_cpuset_add(cpus, frame->users[i]);
}

static void
cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages, bool dirty)
{
	const struct frame *frame = op->frame != 0 ? frame_of(op->frame) : NULL;

	(void)dirty;
	op->pages += (unsigned)pages;
	op->start = address < op->start ? address : op->start;
	op->end = address + pages * PAGE_SIZE > op->end ? address + pages * PAGE_SIZE : op->end;
	if (op->kind == FLUSH_RECLAIM)
		generations_next(space);
	add_users(&op->cpus, space, frame);
}

static void
finish(struct flush_op *op)
{
	if (op->tables) {
		generations_finish(op, &way);
	} else if (op->pages != 0) {
		bool many = op->kind == FLUSH_RECLAIM || op->end - op->start > 33 * PAGE_SIZE;
		uintptr_t gen = op->kind == FLUSH_RECLAIM ? 0 : generations_next(op->space);

		if (!salvo_cpuset_empty(&op->cpus))
			generations_flush(op->kind == FLUSH_RECLAIM ? NULL : op->space,
				many ? 0 : op->start, many ? UINTPTR_MAX : op->end, gen, &op->cpus,
				false, &way);
	}
	begin(op);
}

const struct policy policy_abis = {
	.name = "abis",
	.source = "Amit, ATC 2017 (abstract alone): only CPUs are called that used the page",
	.begin = begin,
	.cleared = cleared,
	.finish = finish,
	.switched = generations_switched,
	.lazy = generations_lazy,
	.interrupted = calls_interrupted,
	.reset = generations_reset,
};
