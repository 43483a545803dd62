// SPDX-License-Identifier: MIT
/*
 * frames.c: the memory of the machine. A frame's state is its incarnation, times four, and its
 * kind; whoever changes it from free by compare-exchange owns the frame. The lowest free frame is
 * taken first, so that memory is given to a new owner as soon as it can be.
 */
#include <string.h>

#include <mmu.h>

#define KIND_BITS   2
#define FRAME_BYTES (1u << SALVO_ARCH_PAGE_SHIFT)

static _Alignas(FRAME_BYTES) unsigned char arena[MMU_FRAMES][FRAME_BYTES];

/* Written by a frame's owner, and by who takes it; read by every CPU whose TLB leads to it. */
static struct salvo_word states[MMU_FRAMES];

static bool
take_one(uintptr_t frame, enum mmu_kind kind)
{
	uintptr_t state = salvo_atomic_load(&states[frame]);

	if ((state & ((1u << KIND_BITS) - 1)) != MMU_FREE)
		return false;
	return salvo_atomic_compare_exchange(
		&states[frame], &state, state + (1u << KIND_BITS) + kind);
}

static void
clear(uintptr_t frame)
{
	struct salvo_word *words = mmu_frame_memory(frame);

	for (size_t i = 0; i < FRAME_BYTES / sizeof(*words); i++)
		salvo_atomic_store(&words[i], 0);
}

uintptr_t
mmu_frames_take(enum mmu_kind kind, size_t count)
{
	for (uintptr_t first = count; first + count <= MMU_FRAMES; first += count) {
		size_t taken = 0;

		while (taken < count && take_one(first + taken, kind))
			taken++;
		if (taken == count) {
			for (size_t i = 0; i < count; i++)
				clear(first + i);
			return first;
		}
		while (taken > 0)
			mmu_frame_give(first + --taken);
	}
	return 0;
}

uintptr_t
mmu_frame_take(enum mmu_kind kind)
{
	return mmu_frames_take(kind, 1);
}

void
mmu_frame_give(uintptr_t frame)
{
	uintptr_t state = salvo_atomic_load(&states[frame]);

	salvo_atomic_store_release(&states[frame], (state | ((1u << KIND_BITS) - 1)) + 1);
}

void *
mmu_frame_memory(uintptr_t frame)
{
	return arena[frame];
}

uintptr_t
mmu_frame_of(const void *memory)
{
	return (uintptr_t)((const unsigned char *)memory - arena[0]) / FRAME_BYTES;
}

uintptr_t
mmu_frame_incarnation(uintptr_t frame)
{
	return salvo_atomic_load_acquire(&states[frame]);
}

enum mmu_kind
mmu_frame_kind(uintptr_t frame)
{
	return (enum mmu_kind)(mmu_frame_incarnation(frame) & ((1u << KIND_BITS) - 1));
}

size_t
mmu_frames_in_use(void)
{
	size_t count = 0;

	for (uintptr_t frame = 1; frame < MMU_FRAMES; frame++)
		count += mmu_frame_kind(frame) != MMU_FREE;
	return count;
}

void
mmu_reset(unsigned rules)
{
	mmu_rules = rules;
	for (unsigned c = 0; c < SALVO_MAX_CPUS; c++)
		if (mmu_cpus[c].root != 0)
			memset(&mmu_cpus[c], 0, sizeof(mmu_cpus[c]));
	mmu_changes_reset();
	for (uintptr_t frame = 1; frame < MMU_FRAMES; frame++)
		if (mmu_frame_kind(frame) != MMU_FREE)
			mmu_frame_give(frame);
}
