// SPDX-License-Identifier: MIT
/*
 * linux_in_turn.c: Linux from 4.14 to 5.12 on x86: as `linux`, but the caller flushes for itself before it
 * calls the others, as the patches say that changed it ("x86/mm: Flush remote and local TLBs concurrently").
 */
#include "../generations.h"

static const struct calls_way way = {.in_turn = true};

static void
finish(struct flush_op *op)
{
	generations_finish(op, &way);
}

const struct policy policy_linux_in_turn = {
	.name = "linux-in-turn",
	.source = "Linux 4.14 to 5.12 on x86: flushes here, then elsewhere",
	.explorer = "linux_in_turn_*: safe, as far as linux is",
	.looks_for_others = true,
	.begin = generations_begin,
	.cleared = generations_cleared,
	.finish = finish,
	.switched = generations_switched,
	.lazy = generations_lazy,
	.interrupted = calls_interrupted,
	.reset = generations_reset,
};
