// expect: fails 0
// SPDX-License-Identifier: MIT
// A batch of dirty pages longer than a table, beside write-back that looks at the entries alone: a
// sync misses a store that was made before it.
#include "long_batch.h"

static void
write_back(void)
{
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	salvo_clean(&batch, &first, 1);
	salvo_batch_flush(&batch);
	write_out(first);
}

PROGRAM(long_batch_beside_sync, 2, cpu0, cpu1);
