// SPDX-License-Identifier: MIT
/*
 * reclaim.c: the main job. User threads read a file that is larger than memory through their
 * mappings, so that each page read pushes out another one.
 *
 * There are as many readers as CPUs: threads of one process, each with its own part of the file, or
 * processes, each of which maps all of it and reads its part. With `dirty` each page is written
 * too, and at the end all of it is on the disk. Pages count when reclaim took out their entry.
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

static void
start_reader(struct readers *readers, unsigned i, uintptr_t address)
{
	struct process *process = readers->processes[options.processes ? i : 0];
	uint64_t first = file_pages() * i / readers->count;
	uint64_t end = file_pages() * (i + 1) / readers->count;
	uint64_t arguments[4] = {address + first * PAGE_SIZE, first, end - first, options.passes};

	readers->threads[i] = NULL;
	if (first == end)
		return;
	if (options.dirty)
		arguments[3] |= READER_DIRTY;
	readers->threads[i] = user_thread(process, PROGRAM_READER, arguments, -1);
	if (readers->threads[i] == NULL)
		panic("no memory for reader %u", i);
}

static void
start(struct readers *readers)
{
	uintptr_t address = 0;

	readers->count = cpu_count();
	for (unsigned i = 0; i < readers->count; i++) {
		if (i < process_count(readers)) {
			readers->processes[i] = process_create();
			if (readers->processes[i] == NULL)
				panic("no memory for process %u", i);
			address = mm_map_file(
				process_mm(readers->processes[i]), 0, file_pages(), options.dirty);
			if (address == 0)
				panic("the file cannot be mapped");
		}
		start_reader(readers, i, address);
	}
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
	print_line("# %lu pages of file, %lu frames, groups of %lu", file_pages(), frames_total(),
		reclaim_group_size());
	reclaim_start();
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
	print_checksum(&sums);
	print_line("# %lu us, %lu groups, %lu written", clock_microseconds() - start_us,
		reclaim_stats.groups, reclaim_stats.written);
	file_sync();
	stop(&readers);
	return passed;
}
