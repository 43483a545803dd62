// SPDX-License-Identifier: MIT
/*
 * readers.c: readers of mapped files, which together are larger than memory: vm-scalability's
 * case-lru-file-mmap-read. A process on each CPU maps a file of its own, of holes, and reads it once
 * through, word by word; so each page is mapped by one space, used once and clean, and is flushed
 * because reclaim, elsewhere, takes it back.
 *
 * A run begins in the middle: readers come one by one, within a time slice, and memory holds what
 * they have read before, half of which has had its second round on the list. From an empty
 * memory all of them would be out of memory at once, and would all have to go over the whole list,
 * where every page is new, before anybody could go on.
 */
#include <salvo/salvo.h>
#include <salvo/arch.h>

#include "../clock.h"
#include "../filecache.h"
#include "../frames.h"
#include "../machine.h"
#include "../memory.h"
#include "../random.h"
#include "../reclaim.h"
#include "../space.h"
#include "../task.h"
#include "workload.h"

enum {
	FILE_TIMES = 16, /* as much as a CPU has memory */
	FREE_MORE = 64,  /* than reclaim leaves: a CPU takes a few at once */
};

#define FIRST_ADDRESS ((uintptr_t)1 << 32)

/* A reader, by its CPU. */
static struct reader {
	struct space *space;
	struct file *file;
	uint64_t start, next; /* when it begins, and with which page */
} readers[CLOCK_CPUS_MAX];

static bool dirty;

static void
body(struct task *task)
{
	const struct reader *reader = &readers[task->cpu];
	struct cpu_counts *counts = &cpu_self()->counts;

	memory_user(reader->start);
	for (uint64_t i = reader->next;; i = (i + 1) % reader->file->pages) {
		filecache_use(reader->space, reader->file, i, dirty, machine.user.page);
		counts->pages++;
		task_pause();
	}
}

/* read_before: the reader's next page is in memory, mapped and used, when the run begins. */
static void
read_before(struct reader *reader, bool second_round)
{
	uint64_t index = reader->next++;
	struct frame *frame = frame_take();
	uintptr_t table, address = reader->file->address + index * PAGE_SIZE;

	frame->file = reader->file->number;
	frame->index = (uint32_t)index;
	frame->referenced = second_round;
	frame->dirty = dirty;
	reader->file->frames[index] = (uint32_t)frame_number(frame);
	space_map(space_entry(reader->space, address, true, &table), frame,
		PTE_NO_EXEC | PTE_ACCESSED | (dirty ? PTE_WRITE | PTE_DIRTY : 0));
	reclaim_add(frame);
}

/* fill: memory, down to what reclaim would have left free. */
static void
fill(const struct run *run, uint64_t random)
{
	bool more = true;

	while (more) {
		more = false;
		for (unsigned i = 0; i < run->busy; i++) {
			const struct node *node;

			clock_cpu = simulate_cpu(run, i);
			node = &nodes[machine_node(clock_cpu)];
			if (node->free.count < node->high + FREE_MORE)
				continue;
			read_before(&readers[clock_cpu], random_next(&random) % 2 == 0);
			more = true;
		}
	}
	clock_cpu = 0;
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
		readers[simulate_cpu(run, i)] = (struct reader){.space = space,
			.file = file,
			.start = random_next(&random) % machine.schedule.slice};
		task_new(simulate_cpu(run, i), space, body, 0);
	}
	if (!run->empty)
		fill(run, random);
}

const struct workload workload_readers = {
	.name = "readers",
	.about = "a reader of a mapped file on each CPU, more than memory holds",
	.set_up = set_up,
	.takes = TAKES_SPACES | TAKES_DIRTY | TAKES_EMPTY | TAKES_BATCH,
	.pages = 1,
};
