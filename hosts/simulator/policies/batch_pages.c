// SPDX-License-Identifier: MIT
/*
 * batch_pages.c: the last of Gorman's patches of 2015 ("flush the pages one by one"), from its cover letters: as
 * `batch`, but each CPU flushes the batch's pages one by one, and not all it has. On Linux's calls.
 */
#include "../generations.h"
#include "../lines.h"
#include "../space.h"
#include "../tlb.h"

static const struct calls_way way = {.in_turn = true};

static void
begin(struct flush_op *op)
{
	generations_begin(op);
	op->noted_count = 0;
}

static void
cleared(struct flush_op *op, struct space *space, uintptr_t address, size_t pages)
{
	struct salvo_cpuset set;

	if (op->kind != FLUSH_RECLAIM) {
		generations_cleared(op, space, address, pages);
		return;
	}
	generations_next(space);
	generations_cpus(&set, space);
	generations_add(&op->cpus, &set);
	for (size_t i = 0; i < pages; i++, op->noted_count++)
		if (op->noted_count < OP_PAGES)
			op->noted[op->noted_count] = (struct noted_page){
				.space = space, .address = address + i * PAGE_SIZE};
}

/* flush: on a CPU that is called, and on the caller. */
static void
flush(void *context)
{
	const struct flush_op *op = context;

	for (unsigned i = 0; i < op->noted_count; i++)
		tlb_flush_page(op->noted[i].space, op->noted[i].address);
}

static void
finish(struct flush_op *op)
{
	if (op->kind != FLUSH_RECLAIM)
		generations_finish(op, &way);
	else if (op->noted_count > OP_PAGES)
		generations_flush(NULL, 0, UINTPTR_MAX, 0, &op->cpus, false, &way);
	else if (op->noted_count != 0)
		calls_make(&op->cpus, &way, flush, op, flush);
	begin(op);
}

const struct policy policy_batch_pages = {
	.name = "batch-pages",
	.source = "Gorman 2015, last patch: as batch, but pages are flushed one by one",
	.explorer = "batch_pages_*: safe, as far as linux-4.3 is",
	.begin = begin,
	.cleared = cleared,
	.finish = finish,
	.switched = generations_switched,
	.lazy = generations_lazy,
	.interrupted = calls_interrupted,
	.reset = generations_reset,
};
