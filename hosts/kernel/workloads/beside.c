// SPDX-License-Identifier: MIT
/*
 * beside.c: four threads of a process work on its space side by side, each on a CPU of its own: one
 * unmaps regions, one takes away and gives back the right to write, one merges pages, one has pages
 * of the file reclaimed. What the first two do without changing an entry, or by giving a right,
 * needs no flush of its own; but entries that others have cleared, and not flushed, may be among
 * those that it finds clear. With a mark in each page table the library flushes only where that may
 * be so; with one a space (marks=0) it cannot tell, and flushes once for each gather, a page's
 * (policy=page) or the region's (policy=batch). A page counts that is unmapped, or made writable,
 * without need of a flush, and so do interrupts sent meanwhile by the CPU that does it.
 */
#include "workload.h"

#define REGION_PAGES 256
#define PAGES_PAGE   32 /* with policy=page */
#define MERGE_PAGES  64
#define FILE_PAGES   128
#define CROWD_PAGES  16
#define ROUNDS       32
#define ROUNDS_PAGE  2

enum job { UNMAP, PROTECT, MERGE, RECLAIM, JOBS };

static struct {
	unsigned rounds;        /* constant: of UNMAP and PROTECT */
	atomic_uint done[JOBS]; /* rounds */
	atomic_bool failed;
	/* Of a job's calls; written by its thread alone. */
	struct cost free[JOBS];     /* calls that need no flush of their own */
	struct cost flushing[JOBS]; /* the others */
	struct cost after[JOBS];    /* those made until all have done their rounds */
	uintptr_t region;           /* PROTECT's */
} work;

/* ---- Counting ---- */

static uint64_t
own_stat(size_t offset)
{
	const char *stats = (const char *)&port_cpus[cpu_number()].stats;

	return salvo_atomic_load((const struct salvo_word *)(stats + offset));
}

/* count_from: what this CPU has sent so far, less; count_to: more. => the thread is bound to it */
static void
count_from(struct cost *cost)
{
	cost->flushes -= own_stat(offsetof(struct salvo_stats, nr_tlb_remote_flush));
	cost->interrupts -= own_stat(offsetof(struct salvo_stats, nr_interrupts_sent));
	cost->cycles -= clock_cycles();
}

static void
count_to(struct cost *cost, size_t size, size_t step)
{
	cost->flushes += own_stat(offsetof(struct salvo_stats, nr_tlb_remote_flush));
	cost->interrupts += own_stat(offsetof(struct salvo_stats, nr_interrupts_sent));
	cost->cycles += clock_cycles();
	cost->pages += size / PAGE_SIZE;
	cost->calls += size / step;
}

static struct cost *
cost_of(enum job job, bool free)
{
	if (atomic_load(&work.done[job]) >= work.rounds)
		return &work.after[job];
	return free ? &work.free[job] : &work.flushing[job];
}

static size_t
region_size(void)
{
	return (options.batch ? REGION_PAGES : PAGES_PAGE) * PAGE_SIZE;
}

static size_t
step_of(size_t size)
{
	return options.batch ? size : PAGE_SIZE;
}

/* ---- Jobs: a round of each; false: it failed ---- */

static bool
unmap(struct mm *mm, bool touched)
{
	struct cost *cost = cost_of(UNMAP, !touched);
	size_t size = region_size();
	uintptr_t at = mm_map_anonymous(mm, size);
	bool done;

	if (at == 0 || (touched && !mm_populate(mm, at, at + size, true)))
		return false;
	count_from(cost);
	done = mm_unmap(mm, at, at + size, step_of(size));
	count_to(cost, size, step_of(size));
	return done;
}

static bool
unmap_round(struct mm *mm)
{
	return unmap(mm, true) && unmap(mm, false);
}

static bool
protect(struct mm *mm, bool writable)
{
	struct cost *cost = cost_of(PROTECT, writable);
	size_t size = region_size();
	bool done;

	count_from(cost);
	done = mm_protect(mm, work.region, work.region + size, step_of(size), writable);
	count_to(cost, size, step_of(size));
	return done;
}

static bool
protect_round(struct mm *mm)
{
	size_t size = region_size();

	return mm_populate(mm, work.region, work.region + size, true) && protect(mm, false) &&
	       protect(mm, true);
}

static bool
merge_round(struct mm *mm)
{
	size_t size = MERGE_PAGES * PAGE_SIZE;
	uintptr_t keep = mm_map_anonymous(mm, size), other = mm_map_anonymous(mm, size);
	bool done = keep != 0 && other != 0 && mm_populate(mm, keep, keep + size, true) &&
		    mm_populate(mm, other, other + size, true);

	count_from(&work.flushing[MERGE]);
	done = done && mm_merge(mm, keep, other, size, step_of(size)) == MERGE_PAGES;
	count_to(&work.flushing[MERGE], size, step_of(size));
	return done && mm_unmap(mm, keep, keep + size, size) &&
	       mm_unmap(mm, other, other + size, size);
}

static bool
reclaim_round(struct mm *mm)
{
	uint64_t pages = file_pages() < FILE_PAGES ? file_pages() : FILE_PAGES;
	uintptr_t at = mm_map_file(mm, 0, pages, false);
	uint64_t cleared;

	if (at == 0 || !mm_populate(mm, at, at + pages * PAGE_SIZE, false))
		return false;
	cleared = rmap_cleared();
	count_from(&work.flushing[RECLAIM]);
	reclaim_pages(cache_pages());
	count_to(&work.flushing[RECLAIM], (rmap_cleared() - cleared) * PAGE_SIZE, PAGE_SIZE);
	return mm_unmap(mm, at, at + pages * PAGE_SIZE, pages * PAGE_SIZE);
}

/* rounds_of: those that count; a job goes on until the others have had theirs too. */
static unsigned
rounds_of(enum job job)
{
	unsigned done = atomic_load(&work.done[job]);

	return done < work.rounds ? done : work.rounds;
}

static bool
over(void)
{
	return atomic_load(&work.failed) ||
	       rounds_of(UNMAP) + rounds_of(PROTECT) == 2 * work.rounds;
}

/* job: a system call; the calling thread has had its last one when it does not return 0. The first
 * two are over when each has done its rounds. */
static int64_t
job(uintptr_t which)
{
	static bool (*const rounds[JOBS])(struct mm *) = {
		[UNMAP] = unmap_round,
		[PROTECT] = protect_round,
		[MERGE] = merge_round,
		[RECLAIM] = reclaim_round,
	};

	if (over())
		return 1;
	if (!rounds[which](process_mm(thread_process(current_thread()))))
		atomic_store(&work.failed, true);
	atomic_fetch_add(&work.done[which], 1);
	yield(); /* who waits for mm.lock comes first */
	return 0;
}

/* ---- All of it ---- */

static void
print_cost(const char *name, const struct cost *cost)
{
	print_line("stat %s_calls %lu", name, cost->calls);
	print_line("stat %s_flushes %lu", name, cost->flushes);
	print_line("stat %s_interrupts %lu", name, cost->interrupts);
}

static void
print_costs(const struct counts *before)
{
	const struct cost *unmap = &work.free[UNMAP], *protect = &work.free[PROTECT];
	struct cost sum = {
		.pages = unmap->pages + protect->pages,
		.flushes = unmap->flushes + protect->flushes,
		.interrupts = unmap->interrupts + protect->interrupts,
		.cycles = unmap->cycles + protect->cycles,
	};

	print_stats_of(before, &sum);
	print_cost("unmap_free", unmap);
	print_cost("protect_free", protect);
	print_cost("unmap", &work.flushing[UNMAP]);
	print_cost("protect", &work.flushing[PROTECT]);
	print_cost("merge", &work.flushing[MERGE]);
	print_line("stat merged %lu", work.flushing[MERGE].pages);
	print_line("stat reclaimed %lu", work.flushing[RECLAIM].pages);
}

static void
start(struct process *process, struct thread *threads[JOBS])
{
	uint64_t arguments[4] = {0};

	for (unsigned i = 0; i < JOBS; i++) {
		arguments[0] = i;
		threads[i] =
			user_thread(process, PROGRAM_CALLER, arguments, (int)(i % cpu_count()));
		if (threads[i] == NULL)
			panic("no thread for a job");
	}
}

bool
workload_beside(void)
{
	struct thread *threads[JOBS];
	struct crowd crowd;
	struct counts before;

	if (!disk_present() || file_pages() == 0 || file_pages() > disk_pages())
		panic("the disk does not hold a file of %lu bytes", options.bytes);
	crowd_create(&crowd);
	crowd_own_memory(&crowd, 0, CROWD_PAGES);
	before = counts_now();
	work.rounds = options.batch ? ROUNDS : ROUNDS_PAGE;
	work.region = mm_map_anonymous(process_mm(crowd.process), 2 * HUGE_SIZE);
	work.region = (work.region + HUGE_SIZE - 1) & -HUGE_SIZE; /* in a table of its own */
	on_system_call(job);
	start(crowd.process, threads);
	while (!over()) {
		print_line("progress %u %u rounds", rounds_of(UNMAP) + rounds_of(PROTECT),
			2 * work.rounds);
		sleep_ticks(KERNEL_TICKS_PER_SECOND / 2);
	}
	for (unsigned i = 0; i < JOBS; i++)
		thread_wait(threads[i], NULL);
	print_costs(&before);
	return crowd_end(&crowd) && !atomic_load(&work.failed);
}
