// SPDX-License-Identifier: MIT
/* process.c: an address space with the user programs in it, for threads to run in. */
#include "thread.h"

struct process {
	struct mm *mm;                 /* NULL: free; pool_lock, constant while the process lives */
	atomic_uint_fast64_t progress; /* written by its threads */
	atomic_bool stop;              /* written by whoever waits for them */
};

extern const unsigned char user_image_start[], user_image_end[]; /* kernel.ld */

static struct process processes[KERNEL_MAX_PROCESSES];
static struct mutex pool_lock = MUTEX("process pool");

struct process *
process_create(void)
{
	size_t size = (size_t)(user_image_end - user_image_start);
	struct process *process = NULL;
	struct mm *mm = mm_create();

	if (mm == NULL)
		return NULL;
	mutex_lock(&pool_lock);
	for (unsigned i = 0; i < KERNEL_MAX_PROCESSES && process == NULL; i++)
		if (processes[i].mm == NULL)
			process = &processes[i];
	if (process != NULL && mm_map_image(mm, USER_IMAGE, user_image_start, size)) {
		process->mm = mm;
		atomic_store(&process->progress, 0);
		atomic_store(&process->stop, false);
		mutex_unlock(&pool_lock);
		return process;
	}
	mutex_unlock(&pool_lock);
	mm_destroy(mm);
	return NULL;
}

void
process_destroy(struct process *process)
{
	mm_destroy(process->mm);
	mutex_lock(&pool_lock);
	process->mm = NULL;
	mutex_unlock(&pool_lock);
}

struct mm *
process_mm(const struct process *process)
{
	return process->mm;
}

uint64_t
process_progress(const struct process *process)
{
	return atomic_load_explicit(&process->progress, memory_order_relaxed);
}

bool
process_add_progress(struct process *process, uint64_t count)
{
	atomic_fetch_add_explicit(&process->progress, count, memory_order_relaxed);
	return atomic_load_explicit(&process->stop, memory_order_relaxed);
}

void
process_stop(struct process *process)
{
	atomic_store_explicit(&process->stop, true, memory_order_relaxed);
}
