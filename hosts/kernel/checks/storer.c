// SPDX-License-Identifier: MIT
/* storer.c: a user thread that never stops storing to a page, so that a store which should not get
 * through is there to be seen. */
#include "check.h"

/* A slow emulator runs each CPU only now and then. */
#define TO_COME 5000000 /* microseconds, for a store that must come */
#define TO_SLIP 30000   /* for one that must not */

static void
start(struct storer *storer, unsigned cpu)
{
	uint64_t arguments[4] = {storer->at, 1, 1, 1};
	uint64_t begun;

	storer->thread = user_thread(storer->process, PROGRAM_TOUCHER, arguments, (int)cpu);
	if (storer->at == 0 || storer->thread == NULL)
		panic("no memory for a thread that stores");
	begun = process_progress(storer->process);
	while (process_progress(storer->process) < begun + 2)
		cpu_relax();
}

static void
create(struct storer *storer)
{
	storer->process = process_create();
	if (storer->process == NULL)
		panic("no memory for a process");
	storer->mm = process_mm(storer->process);
}

void
storer_start(struct storer *storer, unsigned cpu)
{
	create(storer);
	storer->at = mm_map_anonymous(storer->mm, 2 * HUGE_SIZE);
	if (storer->at != 0)
		storer->at = (storer->at + HUGE_SIZE - 1) & -HUGE_SIZE;
	start(storer, cpu);
}

void
storer_start_file(struct storer *storer, unsigned cpu)
{
	create(storer);
	storer->at = mm_map_file(storer->mm, 0, 1, true);
	start(storer, cpu);
}

bool
storer_stop(struct storer *storer)
{
	struct thread_result result;

	process_stop(storer->process);
	thread_wait(storer->thread, &result);
	process_destroy(storer->process);
	return expect(!result.killed && result.report[1] == 0, "no store is refused for good");
}

static bool
stored_within(struct page *page, uint64_t microseconds)
{
	_Atomic(uint64_t) *word = page_memory(page);
	uint64_t begun = clock_microseconds();

	atomic_store(word, 0);
	while (atomic_load(word) == 0 && clock_microseconds() - begun < microseconds)
		cpu_relax();
	return atomic_load(word) != 0;
}

bool
stores_come(struct page *page)
{
	return stored_within(page, TO_COME);
}

bool
store_slips(struct page *page)
{
	return stored_within(page, TO_SLIP);
}
