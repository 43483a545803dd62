// SPDX-License-Identifier: MIT
/*
 * walk.c: page tables are freed of a space that is loaded nowhere, while a kernel thread on one CPU
 * finds pages in them without a lock. User threads of another process run on the other CPUs, one
 * loop each and nothing else. Whoever frees must wait for the walk that may go on, and interrupts
 * the walker if it walks just then; a CPU that does not walk is not disturbed, else the workload
 * fails. policy=page uses a gather for each table, policy=batch one for all. A table counts.
 */
#include "workload.h"

#define TABLES      16
#define CROWD_PAGES 16
#define WALKER_CPU  0

static struct mm *walked;
static atomic_uintptr_t walked_at;
static atomic_uint_fast64_t found;
static atomic_bool stop;

static void
walk(void *unused)
{
	(void)unused;
	for (uintptr_t i = 0; !atomic_load(&stop); i = (i + 1) % TABLES) {
		struct page *page = gup_fast(walked, atomic_load(&walked_at) + i * HUGE_SIZE);

		if (page != NULL) {
			page_put(page);
			atomic_fetch_add(&found, 1);
		}
	}
}

/* wait_for_walks: until the walker is in the tables; it may be that it has no CPU just now. */
static void
wait_for_walks(void)
{
	uint64_t before = atomic_load(&found);

	while (atomic_load(&found) < before + TABLES)
		yield();
}

static size_t
round(struct mm *unused, uint64_t *cycles)
{
	uintptr_t start = mm_map_anonymous(walked, TABLES * HUGE_SIZE);
	uintptr_t end = start + TABLES * HUGE_SIZE;
	bool done;

	(void)unused;
	for (uintptr_t at = start; start != 0 && at < end; at += HUGE_SIZE)
		if (!mm_populate(walked, at, at + PAGE_SIZE, true))
			return 0;
	if (start == 0)
		return 0;
	atomic_store(&walked_at, start);
	wait_for_walks();
	walked->cycles = 0;
	measure_begin();
	done = mm_unmap(walked, start, end, options.batch ? end - start : HUGE_SIZE);
	measure_end();
	*cycles += walked->cycles;
	return done ? TABLES : 0;
}

/* disturbed: interrupts that CPUs have taken which neither walk nor free. */
static uint64_t
disturbed(void)
{
	uint64_t sum = 0;

	for (unsigned cpu = WALKER_CPU + 1; cpu + 1 < cpu_count(); cpu++)
		sum += salvo_atomic_load(&port_cpus[cpu].stats.nr_tlb_remote_flush_received);
	return sum;
}

bool
workload_walk(void)
{
	struct process *process = process_create();
	struct crowd crowd;
	struct thread *walker;
	uint64_t before;
	bool passed;

	if (process == NULL)
		panic("no memory for a process");
	walked = process_mm(process);
	crowd_create(&crowd);
	if (cpu_count() > 1)
		crowd_own_memory(&crowd, WALKER_CPU + 1, CROWD_PAGES);
	walker = kernel_thread("walker", walk, NULL, WALKER_CPU);
	if (walker == NULL)
		panic("no thread for the walker");
	before = disturbed();
	passed = run_rounds_in(&crowd, &(struct rounds){"tables freed", 16, 4, round});
	print_line("stat interrupts_not_walking %lu", disturbed() - before);
	passed = disturbed() == before && passed;
	atomic_store(&stop, true);
	thread_wait(walker, NULL);
	passed = crowd_end(&crowd) && passed;
	process_destroy(process);
	return passed;
}
