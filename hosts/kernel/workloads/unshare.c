// SPDX-License-Identifier: MIT
/*
 * unshare.c: page tables that belong to another process hang in this one's too, and leave it, while
 * its threads run on all CPUs. policy=page uses a gather for each table, policy=batch one for all.
 * The pages stay, but every CPU is asked, lazy ones too: none may walk into a table that others go
 * on using, and free. A table counts.
 */
#include "workload.h"

#define TABLES 16

static uintptr_t owned;
static struct process *owner;

/* make_tables: in another process, without threads, one page in each table. */
static bool
make_tables(void)
{
	struct mm *mm;

	if (owner != NULL)
		return true;
	owner = process_create();
	if (owner == NULL)
		return false;
	mm = process_mm(owner);
	owned = (mm_map_anonymous(mm, (TABLES + 1) * HUGE_SIZE) + HUGE_SIZE - 1) & -HUGE_SIZE;
	for (uintptr_t i = 0; i < TABLES; i++)
		if (!mm_populate(
			    mm, owned + i * HUGE_SIZE, owned + i * HUGE_SIZE + PAGE_SIZE, true))
			return false;
	return true;
}

static size_t
round(struct mm *mm, uint64_t *cycles)
{
	uintptr_t at = 0;
	bool done;

	(void)cycles;
	if (make_tables())
		at = mm_share(mm, process_mm(owner), owned, TABLES * HUGE_SIZE);
	if (at == 0)
		return 0;
	measure_begin();
	done = mm_unshare(
		mm, at, at + TABLES * HUGE_SIZE, options.batch ? TABLES * HUGE_SIZE : HUGE_SIZE);
	measure_end();
	return done ? TABLES : 0;
}

bool
workload_unshare(void)
{
	bool passed = run_rounds(&(struct rounds){"groups of tables unshared", 16, 4, round});

	process_destroy(owner);
	return passed;
}
