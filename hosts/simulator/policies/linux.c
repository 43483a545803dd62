// SPDX-License-Identifier: MIT
/*
 * linux.c: Linux 6.1's own on x86, after its source (arch/x86/mm/tlb.c, kernel/smp.c, mm/rmap.c): reclaim
 * batches 32 pages, generations, lazy CPUs left alone, the local flush beside the remote ones.
 */
#include "../generations.h"

static const struct calls_way way = {.early = false};

static void
finish(struct flush_op *op)
{
	generations_finish(op, &way);
}

const struct policy policy_linux = {
	.name = "linux",
	.source = "Linux 6.1 on x86: generations, batches of 32, lazy CPUs left alone",
	.explorer = "linux_*: safe; but linux_table_beside_away, linux_unmap_beside_reclaim",
	.looks_for_others = true,
	.begin = generations_begin,
	.cleared = generations_cleared,
	.finish = finish,
	.switched = generations_switched,
	.lazy = generations_lazy,
	.interrupted = calls_interrupted,
	.reset = generations_reset,
};
