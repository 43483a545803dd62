// SPDX-License-Identifier: MIT
/*
 * gather.c: the callbacks of step 3: memory. The spaces of the examples are never destroyed while a
 * batch is open, so pinning is free; nothing but CPUs translates by their tables.
 */
#include "machine.h"

void *
salvo_port_chunk_alloc(void)
{
	uintptr_t frame = mmu_frame_take(MMU_BOOK);

	return frame != 0 ? mmu_frame_memory(frame) : NULL;
}

void
salvo_port_chunk_free(void *chunk)
{
	mmu_frame_give(mmu_frame_of(chunk));
}

void
salvo_port_free_pages(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	(void)space;
	for (size_t i = 0; i < count; i++)
		for (uintptr_t j = 0; j < runs[i].count; j++)
			mmu_frame_give(runs[i].frame + j);
}

void
salvo_port_free_tables(struct salvo_space *space, const struct salvo_run *runs, size_t count)
{
	salvo_port_free_pages(space, runs, count);
}

void
salvo_port_invalidate_begin(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	mmu_change_begin(space->root, start, end);
}

void
salvo_port_invalidate_end(struct salvo_space *space, uintptr_t start, uintptr_t end)
{
	mmu_change_end(space->root, start, end);
}

bool
salvo_port_space_pin(struct salvo_space *space)
{
	(void)space;
	return true;
}

void
salvo_port_space_unpin(struct salvo_space *space)
{
	(void)space;
}
