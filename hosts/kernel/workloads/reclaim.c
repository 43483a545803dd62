// SPDX-License-Identifier: MIT
/*
 * reclaim.c: the main job. User threads read a file that is larger than memory through their
 * mappings, so that each page read pushes out another one.
 *
 * There are as many readers as CPUs: threads of one process, each of which maps its own part of the
 * file, or processes, each of which maps all of it and reads its part. What each reads counts for a
 * group of memory of its own, as long as there are groups. With `writable` the mappings are
 * writable and the pages stay clean; with `dirty` each page is written too, and at the end all of
 * it is on the disk. Pages count when reclaim took out their entry.
 */
#include "workload.h"

#define PROGRESS_TICKS (KERNEL_TICKS_PER_SECOND / 2)

struct readers {
	unsigned count;
	struct process *processes[KERNEL_MAX_CPUS]; /* one, or as many as readers */
	struct thread *threads[KERNEL_MAX_CPUS];    /* NULL: its part is empty */
};

static unsigned
process_count(const struct readers *readers)
{
	return options.processes ? readers->count : 1;
}

/* map_part: returns the address of the page `first`. */
static uintptr_t
map_part(struct mm *mm, unsigned i, uint64_t first, uint64_t end)
{
	bool writable = options.dirty || options.writable;
	unsigned group = i % MEMORY_GROUPS;
	uintptr_t address;

	if (options.processes)
		address = mm_map_file_of(mm, group, 0, file_pages(), writable);
	else
		address = mm_map_file_of(mm, group, first, end - first, writable);
	if (address == 0)
		panic("the file cannot be mapped");
	return options.processes ? address + first * PAGE_SIZE : address;
}

static void
start_reader(struct readers *readers, unsigned i)
{
	struct process *process = readers->processes[options.processes ? i : 0];
	uint64_t first = file_pages() * i / readers->count;
	uint64_t end = file_pages() * (i + 1) / readers->count;
	uint64_t arguments[4] = {0, first, end - first, options.passes};

	readers->threads[i] = NULL;
	if (first == end)
		return;
	arguments[0] = map_part(process_mm(process), i, first, end);
	if (options.dirty)
		arguments[3] |= READER_DIRTY;
	readers->threads[i] = user_thread(process, PROGRAM_READER, arguments, -1);
	if (readers->threads[i] == NULL)
		panic("no memory for reader %u", i);
}

static void
start(struct readers *readers)
{
	readers->count = cpu_count();
	for (unsigned i = 0; i < process_count(readers); i++) {
		readers->processes[i] = process_create();
		if (readers->processes[i] == NULL)
			panic("no memory for process %u", i);
	}
	for (unsigned i = 0; i < readers->count; i++)
		start_reader(readers, i);
}

/* show_progress: a line only when there is some: to the tool each is a sign of life. */
static void
show_progress(const struct readers *readers)
{
	static uint64_t shown = UINT64_MAX;
	uint64_t done = 0;

	for (unsigned i = 0; i < process_count(readers); i++)
		done += process_progress(readers->processes[i]);
	if (done != shown)
		print_line("progress %lu %lu pages read", done, file_pages() * options.passes);
	shown = done;
}

static bool
all_done(const struct readers *readers)
{
	for (unsigned i = 0; i < readers->count; i++)
		if (readers->threads[i] != NULL && !thread_done(readers->threads[i]))
			return false;
	return true;
}

/* What the readers read: in the first pass, and in one that differs, if any does. */
struct sums {
	uint64_t first, other;
	bool differ;
};

/* finish_reader: adds its checksums. False: it did not come to its end. */
static bool
finish_reader(struct thread *thread, unsigned i, struct sums *sums)
{
	struct thread_result result;

	if (thread == NULL)
		return true;
	thread_wait(thread, &result);
	sums->first += result.report[0];
	sums->other += result.report[1];
	sums->differ = sums->differ || result.report[3] != 0;
	if (result.killed)
		print_line("# reader %u was killed at %lx", i, result.fault_address);
	else if (result.report[3] != 0)
		print_line("# reader %u read something else in %lu passes", i, result.report[3]);
	return !result.killed;
}

/* print_checksum: two of them are never what the host expects, whichever of them is right. */
static void
print_checksum(const struct sums *sums)
{
	if (sums->differ)
		print_line("stat checksum %016lx/%016lx", sums->first, sums->other);
	else
		print_line("stat checksum %016lx", sums->first);
}

static void
stop(struct readers *readers)
{
	for (unsigned i = 0; i < process_count(readers); i++)
		process_destroy(readers->processes[i]);
}

bool
workload_reclaim(void)
{
	static struct readers readers;
	struct counts before = counts_now();
	struct sums sums = {0};
	uint64_t start_us = clock_microseconds();
	bool passed = true;

	if (!disk_present() || file_pages() == 0 || file_pages() > disk_pages())
		panic("the disk does not hold a file of %lu bytes", options.bytes);
	print_line("# %lu pages of file, %lu frames, passes of %lu", file_pages(), frames_total(),
		reclaim_step());
	reclaim_start();
	if (options.dirty)
		writeback_start();
	start(&readers);
	for (uint64_t turn = 0; !all_done(&readers); turn++) {
		if (turn % PROGRESS_TICKS == 0)
			show_progress(&readers);
		sleep_ticks(1);
	}
	show_progress(&readers);
	for (unsigned i = 0; i < readers.count; i++)
		passed = finish_reader(readers.threads[i], i, &sums) && passed;
	print_stats(&before, rmap_cleared(), reclaim_stats.cycles);
	print_line("stat freed %lu", reclaim_stats.freed);
	print_line("stat passes %lu", reclaim_stats.passes);
	print_line("stat groups %lu", reclaim_stats.groups);
	print_line("stat flushes %lu", reclaim_stats.flushes);
	print_checksum(&sums);
	print_line("# %lu us, %lu written", clock_microseconds() - start_us, reclaim_stats.written);
	file_sync();
	stop(&readers);
	return passed;
}
