// SPDX-License-Identifier: MIT
/*
 * readers.c: readers of mapped files, which together are larger than memory: vm-scalability's
 * case-lru-file-mmap-read. A process on each CPU maps a file of its own, of holes, and reads it once
 * through, word by word; so each page is mapped by one space, used once and clean, and is flushed
 * because reclaim, elsewhere, takes it back.
 */
#include "../filecache.h"
#include "../machine.h"
#include "../random.h"
#include "../reclaim.h"
#include "../space.h"
#include "../task.h"
#include "workload.h"

enum { FILE_TIMES = 16 /* as much as a CPU has memory */ };

#define FIRST_ADDRESS ((uintptr_t)1 << 32)

static bool dirty;

static void
body(struct task *task)
{
	struct file *file = file_of((uint32_t)task->argument);
	struct cpu_counts *counts = &cpu_self()->counts;

	for (;;)
		for (uint64_t i = 0; i < file->pages; i++) {
			filecache_use(task->space, file, i, dirty, machine.user.page);
			counts->pages++;
			task_pause();
		}
}

static void
set_up(const struct run *run)
{
	unsigned spaces = run->spaces != 0 && run->spaces < run->busy ? run->spaces : run->busy;
	uint64_t random = run->seed, pages = (uint64_t)run->per_cpu * FILE_TIMES;
	struct space *space = NULL;

	dirty = run->dirty;
	reclaim_set_up(run);
	for (unsigned i = 0; i < run->busy; i++) {
		/* Files differ a little in size, so readers do not keep step for ever. */
		uint64_t mine = pages - random_next(&random) % (pages / 8);
		struct file *file = file_new(mine, FIRST_ADDRESS + i * pages * PAGE_SIZE, 1);

		if (i % ((run->busy + spaces - 1) / spaces) == 0)
			space = space_new();
		file_map(file, space);
		task_new(simulate_cpu(run, i), space, body, file->number);
	}
}

const struct workload workload_readers = {
	.name = "readers",
	.about = "a reader of a mapped file on each CPU, more than memory holds",
	.set_up = set_up,
	.pages = 1,
};
