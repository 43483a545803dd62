// SPDX-License-Identifier: MIT
/*
 * writers.c: threads of one process write to random pages of a file that they all map, and every so often
 * have what they wrote written back: each page is write-protected and flushed, so that the next
 * write to it is noticed. sysbench's fileio rndwr over mmap; nothing is reclaimed.
 */
#include "../clock.h"
#include "../filecache.h"
#include "../frames.h"
#include "../machine.h"
#include "../operations.h"
#include "../random.h"
#include "../reclaim.h"
#include "../space.h"
#include "../task.h"
#include "workload.h"

enum { WRITTEN_MOST = 1024 };

#define ADDRESS ((uintptr_t)1 << 32)

static struct file *file;
static unsigned pages;

/* write_back: the pages that this thread has written to. Another one may have before. */
static void
write_back(const uint32_t *written, unsigned count)
{
	uintptr_t frames[WRITTEN_MOST];
	enum where before = cpu_enter(CALL);

	charge(machine.kernel.entry + machine.kernel.call);
	for (unsigned i = 0; i < count; i++)
		frames[i] = file->frames[written[i]];
	operations_clean(frames, count);
	charge(count * machine.kernel.read);
	cpu_enter(before);
}

static void
body(struct task *task)
{
	uint64_t random = task->argument;
	struct cpu_counts *counts = &cpu_self()->counts;
	uint32_t written[WRITTEN_MOST];

	for (;;) {
		for (unsigned i = 0; i < pages; i++) {
			written[i] = (uint32_t)(random_next(&random) % file->pages);
			filecache_use(task->space, file, written[i], true, machine.user.touch);
			task_pause();
		}
		write_back(written, pages);
		counts->operations++;
		counts->pages += pages;
	}
}

static void
set_up(const struct run *run)
{
	struct space *space = space_new();

	reclaim_set_up(run);
	pages = run->pages;
	/* Half of the memory: the file stays there. */
	file = file_new((uint64_t)run->per_cpu * run->busy / 2, ADDRESS, 1);
	file_map(file, space);
	for (unsigned i = 0; i < run->busy; i++)
		task_new(simulate_cpu(run, i), space, body, run->seed + i);
}

const struct workload workload_writers = {
	.name = "writers",
	.about = "threads that write to random pages of a file and have them written back",
	.set_up = set_up,
	.takes = TAKES_PAGES,
	.pages = 100,
	.pages_most = WRITTEN_MOST,
};
