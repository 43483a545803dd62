// SPDX-License-Identifier: MIT
/*
 * walk.c: page tables are freed of a space that is loaded nowhere, while a kernel thread on one CPU
 * finds pages in them without a lock. User threads of another process run on the others; one of
 * these CPUs is isolated, and its thread is a loop that never enters the kernel. Whoever frees must
 * wait for the walk that may go on, and interrupts the walker if it walks just then; a CPU that
 * does not walk is not disturbed, else the workload fails. policy=page uses a gather for each
 * table, policy=batch one for all; spared=0 says that the library was built without the choice. A
 * table counts.
 */
#include "workload.h"

#define TABLES      16
#define CROWD_PAGES 16
#define WALKER_CPU  0
#define LONE_CPU    1 /* the isolated one; where there are four or more */

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

/* received: interrupts that CPUs from `first` to before `end` have taken. */
static uint64_t
received(unsigned first, unsigned end)
{
	uint64_t sum = 0;

	for (unsigned cpu = first; cpu < end; cpu++)
		sum += salvo_atomic_load(&port_cpus[cpu].stats.nr_tlb_remote_flush_received);
	return sum;
}

/* ---- The isolated CPU ---- */

static struct spin_box *box;
static struct thread *spinner;

/* isolate: returns when its loop runs. */
static void
isolate(struct process *process)
{
	struct mm *mm = process_mm(process);
	uint64_t arguments[4] = {mm_map_anonymous(mm, PAGE_SIZE)};

	if (!mm_populate(mm, arguments[0], arguments[0] + PAGE_SIZE, true))
		panic("no memory for a loop");
	box = direct_map(mm_entry(mm, arguments[0]) & ~ENTRY_NO_EXEC & -PAGE_SIZE);
	spinner = user_thread(process, PROGRAM_SPINNER, arguments, LONE_CPU);
	if (spinner == NULL)
		panic("no thread for a loop");
	sched_isolate(LONE_CPU);
	while (__atomic_load_n(&box->turns, __ATOMIC_RELAXED) == 0)
		yield();
}

/* release: false: the loop did not come round all the time. */
static bool
release(uint64_t turns)
{
	bool passed = __atomic_load_n(&box->turns, __ATOMIC_RELAXED) > turns;

	__atomic_store_n(&box->stop, 1, __ATOMIC_RELEASE);
	thread_wait(spinner, NULL);
	return passed;
}

/* ---- All of it ---- */

/* run: => the walker walks, and the other CPUs are in user mode */
static bool
run(struct crowd *crowd, bool lone)
{
	uint64_t before = received(WALKER_CPU + 1, cpu_count() - 1);
	uint64_t before_lone = received(LONE_CPU, LONE_CPU + 1);
	uint64_t turns = lone ? __atomic_load_n(&box->turns, __ATOMIC_RELAXED) : 0;
	bool passed = run_rounds_in(crowd, &(struct rounds){"tables freed", 16, 4, round});

	before = received(WALKER_CPU + 1, cpu_count() - 1) - before;
	print_line("stat interrupts_not_walking %lu", before);
	passed = passed && (before == 0 || options.unspared);
	if (!lone)
		return passed;
	print_line("stat interrupts_isolated %lu", received(LONE_CPU, LONE_CPU + 1) - before_lone);
	return release(turns) && passed;
}

bool
workload_walk(void)
{
	struct process *process = process_create();
	struct crowd crowd;
	struct thread *walker;
	bool lone = cpu_count() >= 4, passed;

	if (process == NULL)
		panic("no memory for a process");
	walked = process_mm(process);
	crowd_create(&crowd);
	if (lone)
		isolate(crowd.process);
	if (cpu_count() > 1)
		crowd_own_memory(&crowd, lone ? LONE_CPU + 1 : WALKER_CPU + 1, CROWD_PAGES);
	walker = kernel_thread("walker", walk, NULL, WALKER_CPU);
	if (walker == NULL)
		panic("no thread for the walker");
	passed = run(&crowd, lone);
	atomic_store(&stop, true);
	thread_wait(walker, NULL);
	passed = crowd_end(&crowd) && passed;
	process_destroy(process);
	return passed;
}
