// SPDX-License-Identifier: MIT
/*
 * oracle.c: whether a CPU may still use an entry that it has.
 *
 * Never, once the frame has another owner (invariant 1). Otherwise an entry that gives more than
 * the tables show may be used only while an operation that changed them has not returned (1 and 5).
 * The host says when one begins and ends; who changes what is counted for each page of a space, and
 * for each frame. An entry is judged only if nothing was going on from before the tables are looked
 * at until after. Two pages that share a counter make the judge milder, never wrong.
 */
#include <mmu.h>

#define CHANGES 1024

/* Operations on something: any CPU adds; `ended` is read before `begun`. */
struct changes {
	struct salvo_word begun;
	struct salvo_word ended;
};

static struct changes pages[CHANGES];
static struct changes frames[MMU_FRAMES];

static struct changes *
changes_of(salvo_root root, uintptr_t page)
{
	uintptr_t key = (root >> SALVO_ARCH_PAGE_SHIFT) * 61 + page;

	return &pages[key % CHANGES];
}

void
mmu_change_begin(salvo_root root, uintptr_t start, uintptr_t end)
{
	for (uintptr_t a = start; a < end; a += mmu_span(1))
		salvo_atomic_add(&changes_of(root, a >> SALVO_ARCH_PAGE_SHIFT)->begun, 1);
}

void
mmu_change_end(salvo_root root, uintptr_t start, uintptr_t end)
{
	for (uintptr_t a = start; a < end; a += mmu_span(1))
		salvo_atomic_add(&changes_of(root, a >> SALVO_ARCH_PAGE_SHIFT)->ended, 1);
}

void
mmu_frame_change_begin(uintptr_t frame)
{
	salvo_atomic_add(&frames[frame].begun, 1);
}

void
mmu_frame_change_end(uintptr_t frame)
{
	salvo_atomic_add(&frames[frame].ended, 1);
}

static void
reset(struct changes *changes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (salvo_atomic_load(&changes[i].begun) != 0) {
			salvo_atomic_store(&changes[i].begun, 0);
			salvo_atomic_store(&changes[i].ended, 0);
		}
}

void
mmu_changes_reset(void)
{
	reset(pages, CHANGES);
	reset(frames, MMU_FRAMES);
}

/* quiet: nothing is going on; `begun` is how often something began, to be compared later. */
static bool
quiet(const struct changes *changes, uintptr_t *begun)
{
	uintptr_t ended = salvo_atomic_load_acquire(&changes->ended);

	*begun = salvo_atomic_load_acquire(&changes->begun);
	return *begun == ended;
}

salvo_pte
mmu_lookup(salvo_root root, uintptr_t address, unsigned *level)
{
	uintptr_t frame = root >> SALVO_ARCH_PAGE_SHIFT;

	for (unsigned l = SALVO_ARCH_LEVELS; l > 0; l--) {
		struct salvo_word *table = mmu_frame_memory(frame);
		salvo_pte pte = salvo_atomic_load_acquire(&table[mmu_index(address, l)]);

		if (!salvo_arch_pte_present(pte))
			return 0;
		if (salvo_arch_pte_leaf(pte, l)) {
			if (level != NULL)
				*level = l;
			return pte;
		}
		frame = mmu_frame_in(pte);
	}
	return 0;
}

void
mmu_check_use(unsigned cpu, const struct mmu_entry *entry, uintptr_t address, salvo_pte need)
{
	const salvo_pte rights = need & (MMU_WRITE | MMU_EXEC);
	salvo_root root = address < MMU_KERNEL_BASE ? mmu_cpus[cpu].root : 0;
	uintptr_t frame = mmu_frame_in(entry->pte);
	struct changes *here = changes_of(root, address >> SALVO_ARCH_PAGE_SHIFT);
	uintptr_t begun, frame_begun;
	salvo_pte now;

	if (mmu_frame_incarnation(frame) != entry->incarnation ||
		mmu_frame_kind(frame) != MMU_PAGE) {
		mmu_violated(MMU_STALE_PAGE, cpu, address);
		return;
	}
	if (!quiet(here, &begun) || !quiet(&frames[frame], &frame_begun))
		return;
	now = mmu_lookup(mmu_cpus[cpu].root, address, NULL);
	if (salvo_arch_pte_present(now) && mmu_frame_in(now) == frame && (now & rights) == rights)
		return;
	if (salvo_atomic_load_acquire(&here->begun) != begun ||
		salvo_atomic_load_acquire(&frames[frame].begun) != frame_begun)
		return;
	mmu_violated(salvo_arch_pte_present(now) ? MMU_STALE_RIGHT : MMU_STALE_PAGE, cpu, address);
}
