// SPDX-License-Identifier: MIT
/*
 * concurrent.c: Amit, Tai and Wei, "Don't shoot down TLB shootdowns!" (EuroSys 2020), from its abstract
 * and the patches that went into Linux 5.13: the local flush beside the remote ones, an answer before
 * the flush unless tables are freed, what to do in the line of the call itself.
 */
#include "../generations.h"

static const struct calls_way late = {.one_line = true};
static const struct calls_way early = {.one_line = true, .early = true};

static void
finish(struct flush_op *op)
{
	generations_finish(op, op->tables || op->all ? &late : &early);
}

const struct policy policy_concurrent = {
	.name = "concurrent",
	.source = "Amit et al., EuroSys 2020 (abstract, patches): early answers, one line a call",
	.explorer = "concurrent_*: safe, as far as linux is; but concurrent_beside_nmi",
	.looks_for_others = true,
	.begin = generations_begin,
	.cleared = generations_cleared,
	.finish = finish,
	.switched = generations_switched,
	.lazy = generations_lazy,
	.interrupted = calls_interrupted,
	.reset = generations_reset,
};
