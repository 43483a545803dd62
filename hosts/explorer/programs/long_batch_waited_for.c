// expect: safe
// SPDX-License-Identifier: MIT
// As long_batch_beside_sync, beside write-back that compares how often the page is mapped with the
// entries that it found, and waits while one is missing: then a batch may be as long as one likes.
#include "long_batch.h"

/* is_missing: the rmap has a mapping that the table has not. */
static bool
is_missing(void)
{
	bool missing;

	lock_tables(0);
	missing = !salvo_arch_pte_present(salvo_atomic_load(entry(0, 1)));
	cpu_step(OP_HOST, "compare with the rmap", 1, __FILE__, __LINE__);
	step_is_visible();
	missing &= frames[first].mapped != 0;
	unlock_tables(0);
	return missing;
}

static void
write_back(void)
{
	struct salvo_batch batch;

	salvo_batch_begin(&batch);
	salvo_clean(&batch, &first, 1);
	salvo_batch_flush(&batch);
	while (is_missing())
		salvo_port_relax();
	write_out(first);
}

PROGRAM(long_batch_waited_for, 2, cpu0, cpu1);
