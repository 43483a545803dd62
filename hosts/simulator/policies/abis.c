// SPDX-License-Identifier: MIT
/*
 * abis.c: Amit, "Optimizing the TLB Shootdown Algorithm with Page Access Tracking" (ATC 2017), built from
 * its abstract alone: only CPUs are called that have used the page. Tracking is taken for exact; its
 * cost is a look at the page's struct when the entry is cleared, and none when a page is first used.
 */
#include "../frames.h"
#include "../generations.h"
#include "../lines.h"
#include "../machine.h"
#include "../space.h"

static const struct calls_way way = {.early = false};

static void
begin(struct flush_op *op)
{
	generations_begin(op);
	salvo_cpuset_clear(&op->cpus);
}

/* add_users: CPUs that have used the page; all there are if they are too many. */
static void
add_users(struct salvo_cpuset *cpus, const struct frame *frame)
{
	if (frame != NULL)
		lines_touch(frame, false);
	if (frame == NULL || frame->user_count > FRAME_USERS) {
		generations_add_all(cpus);
		return;
	}
	for (unsigned i = 0; i < frame->user_count; i++)
		salvo_cpuset_add(cpus, frame->users[i]);
}

/* keep_loaded: those of them that have the space loaded. => its generation has been raised: who
 * loads the space from now on flushes */
static void
keep_loaded(struct salvo_cpuset *cpus, const struct space *space)
{
	struct salvo_cpuset loaded;

	generations_cpus(&loaded, space);
	for (unsigned i = 0; i < salvo_cpuset_words(cpus); i++)
		cpus->bits[i] &= loaded.bits[i];
}

static void
cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages)
{
	const struct frame *frame = op->frame != 0 ? frame_of(op->frame) : NULL;

	op->pages += (unsigned)pages;
	op->start = address < op->start ? address : op->start;
	op->end = address + pages * PAGE_SIZE > op->end ? address + pages * PAGE_SIZE : op->end;
	if (op->kind == FLUSH_RECLAIM) {
		struct salvo_cpuset users;

		salvo_cpuset_clear(&users);
		generations_next(space);
		add_users(&users, frame);
		keep_loaded(&users, space);
		generations_add(&op->cpus, &users);
	} else {
		add_users(&op->cpus, frame);
	}
}

static void
finish(struct flush_op *op)
{
	if (op->tables) {
		generations_finish(op, &way);
	} else if (op->pages != 0) {
		bool many = op->kind == FLUSH_RECLAIM ||
			    op->end - op->start > machine.flush.ceiling * PAGE_SIZE;
		uintptr_t gen = 0;

		if (op->kind != FLUSH_RECLAIM) {
			gen = generations_next(op->space);
			keep_loaded(&op->cpus, op->space);
		}
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
	.explorer = "abis_*: safe, as far as linux-4.3 is; but abis_without_notes, abis_noted_late",
	.begin = begin,
	.cleared = cleared,
	.finish = finish,
	.switched = generations_switched,
	.lazy = generations_lazy,
	.interrupted = calls_interrupted,
	.reset = generations_reset,
};
